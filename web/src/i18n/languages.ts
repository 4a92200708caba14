/** The languages of the dashboard: what each is called, how it is written, and how it counts. */
import en from './en'

export type Catalogue = typeof en

/** Classes of numbers (CLDR), in the order in which a text has its forms. */
export type Plural = 'one' | 'two' | 'many' | 'other'

export interface Language {
  /** BCP 47, as `<html lang>` has it. */
  code: string
  /** In itself. */
  name: string
  direction: 'ltr' | 'rtl'
  /** A text has the forms `one | other`, or one for each of these; one more, before them, is for zero. */
  plurals: readonly Plural[]
  /** Loaded when chosen, but for English, which every missing text falls back to. */
  load: () => Promise<Catalogue>
}

export const ENGLISH: Language = { code: 'en', name: 'English', direction: 'ltr', plurals: ['one', 'other'], load: () => Promise.resolve(en) }

export const LANGUAGES: readonly Language[] = [
  ENGLISH,
  { code: 'pt-BR', name: 'Português (Brasil)', direction: 'ltr', plurals: ['one', 'other'], load: async () => (await import('./pt-BR')).default },
  { code: 'he', name: 'עברית', direction: 'rtl', plurals: ['one', 'two', 'other'], load: async () => (await import('./he')).default },
]

const subtag = (code: string) => code.split('-')[0]

/** The language of this code; else another of its family, such as pt-BR for pt-PT; undefined for a language that is not here. */
export function languageOf(code: string): Language | undefined {
  return LANGUAGES.find((one) => one.code === code) ?? LANGUAGES.find((one) => subtag(one.code) === subtag(code))
}

/** How many forms a text may have besides one for every number: `one | other`, each class, each class after zero. */
export function formCounts(language: Language): number[] {
  return [...new Set([2, language.plurals.length, language.plurals.length + 1])]
}

/** Which of its forms a text has for a number. */
export function formOf(language: Language, count: number, forms: number): number {
  const { plurals } = language
  const zero = forms > plurals.length ? 1 : 0
  if (zero === 1 && count === 0) return 0
  const rule = new Intl.PluralRules(language.code).select(Math.abs(count)) as Plural
  if (forms === 2) return rule === 'one' ? 0 : 1
  const at = plurals.indexOf(rule)
  return zero + (at === -1 ? plurals.length - 1 : at)
}
