/**
 * All texts, one file per noun in a folder per language. English is complete and is the type of all others, so that a
 * missing text is a type error.
 */
import { ref } from 'vue'
import { createI18n } from 'vue-i18n'
import { isolate, unmarked } from '../format/direction'
import { count as inWords } from '../format/number'
import { settings } from '../format/settings'
import en from './en'
import { type Catalogue, ENGLISH, type Language, languageOf, LANGUAGES, formOf } from './languages'

export { type Catalogue, type Language, LANGUAGES }

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string]
/** Every key of the catalogue, as `inbox.title`. */
export type TextKey = Leaves<Catalogue>

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en: en as Record<string, unknown> } as never,
  pluralRules: Object.fromEntries(LANGUAGES.map((one) => [one.code, (count: number, forms: number) => formOf(one, count, forms)])),
  missingWarn: true,
})

/** The language of the page. */
export const language = ref<Language>(ENGLISH)

type Values = Record<string, string | number>

/** What is put into a text keeps its own direction, so that `+62 812` or `a.pdf` does not turn round within Hebrew. */
function isolated(values: Values): Values {
  if (settings.direction === 'ltr') return values
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? isolate(value) : value]))
}

/** A text by its key. `count` chooses the plural form: `one item | {count} items`. */
export function text(key: TextKey, values: Values = {}, count?: number): string {
  const { t } = i18n.global as unknown as { t: (key: string, values: Values, count?: number) => string }
  return count === undefined ? t(key, isolated(values)) : t(key, { count: inWords(count), ...isolated(values) }, count)
}

/** A text that is stored as what a person wrote, such as the name of a copy: without signs that only direct how it is drawn. */
export function plainText(key: TextKey, values: Values = {}): string {
  return unmarked(text(key, values))
}

const KEY = 'jackfield.language'

/** Switch the language of the page, its formats and its direction. */
export async function useLanguage(code: string): Promise<Language> {
  const found = languageOf(code) ?? ENGLISH
  const global = i18n.global as unknown as {
    locale: { value: string }
    setLocaleMessage: (code: string, messages: unknown) => void
  }
  const catalogue = await found.load()
  global.setLocaleMessage(found.code, catalogue)
  global.locale.value = found.code
  // The browser knows which English its user reads dates in.
  settings.locale = navigator.languages.find((one) => languageOf(one) === found) ?? found.code
  settings.direction = found.direction
  document.documentElement.lang = found.code
  document.documentElement.dir = found.direction
  language.value = found
  return found
}

/** Switch to the language that somebody chose, and keep to it in this browser. */
export async function chooseLanguage(code: string): Promise<void> {
  localStorage.setItem(KEY, (await useLanguage(code)).code)
}

/** The language chosen before, else the browser's. */
export function preferredLanguage(): string {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages].map((one) => (one === null ? undefined : languageOf(one)))
  return wanted.find((one) => one !== undefined)?.code ?? ENGLISH.code
}
