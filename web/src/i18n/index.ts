/**
 * All texts, one file per noun in a folder per language. English is complete and is the type of all others, so that a
 * missing text is a type error.
 */
import { createI18n } from 'vue-i18n'
import { settings } from '../format/settings'
import en from './en'

export type Catalogue = typeof en

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string]
/** Every key of the catalogue, as `inbox.title`. */
export type TextKey = Leaves<Catalogue>

export interface Language {
  code: string
  /** In itself. */
  name: string
  direction: 'ltr' | 'rtl'
  load: () => Promise<Catalogue>
}

export const LANGUAGES: Language[] = [
  { code: 'en', name: 'English', direction: 'ltr', load: () => Promise.resolve(en) },
]

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en: en as Record<string, unknown> } as never,
  missingWarn: true,
})

type Values = Record<string, string | number>

/** A text by its key. `count` chooses the plural form: `one item | {count} items`. */
export function text(key: TextKey, values: Values = {}, count?: number): string {
  const { t } = i18n.global as unknown as { t: (key: string, values: Values, count?: number) => string }
  return count === undefined ? t(key, values) : t(key, { count, ...values }, count)
}

const KEY = 'jackfield.language'

/** Switch the language of the page, its formats and its direction. */
export async function useLanguage(code: string): Promise<Language> {
  const language = LANGUAGES.find((one) => one.code === code) ?? LANGUAGES[0]
  if (language === undefined) throw new Error('There is no language.')
  const global = i18n.global as unknown as {
    locale: { value: string }
    setLocaleMessage: (code: string, messages: unknown) => void
  }
  global.setLocaleMessage(language.code, await language.load())
  global.locale.value = language.code
  settings.locale = navigator.languages.find((one) => one.split('-')[0] === language.code) ?? language.code
  document.documentElement.lang = language.code
  document.documentElement.dir = language.direction
  localStorage.setItem(KEY, language.code)
  return language
}

/** The language chosen before, else the browser's. */
export function preferredLanguage(): string {
  const chosen = localStorage.getItem(KEY)
  return chosen ?? navigator.languages.map((one) => one.split('-')[0]).find((code) => LANGUAGES.some((one) => one.code === code)) ?? 'en'
}
