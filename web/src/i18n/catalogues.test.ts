import { afterEach, describe, expect, it } from 'vitest'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { count, percent } from '../format/number'
import { phone } from '../format/phone'
import { settings } from '../format/settings'
import { relative } from '../format/time'
import en from './en'
import { plainText, text, useLanguage } from './index'
import { formCounts, formOf, type Language, languageOf, LANGUAGES } from './languages'

type Tree = Record<string, unknown>

/** Every text of a catalogue by its key. */
function leaves(tree: Tree, path = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[`${path}${name}`, value]] : [...leaves(value as Tree, `${path}${name}.`)]))
}
const formsOf = (value: string) => value.split(' | ')
const placeholders = (value: string) => new Set([...value.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? ''))
const english = leaves(en)
const others = LANGUAGES.filter((one) => one.code !== 'en')

afterEach(async () => { await useLanguage('en') })

describe.each(others)('$name', (language: Language) => {
  it('has every text of English and no other', async () => {
    expect([...leaves(await language.load()).keys()].sort()).toEqual([...english.keys()].sort())
  })
  it('leaves no text empty that says something in English', async () => {
    const empty = [...leaves(await language.load())].filter(([key, value]) => formsOf(value).some((form) => form.trim() === '') && english.get(key) !== '')
    expect(empty).toEqual([])
  })
  it('puts the same values into each text', async () => {
    const differs = [...leaves(await language.load())].flatMap(([key, value]) => {
      const wanted = placeholders(english.get(key) ?? '')
      return formsOf(value).flatMap((form, at, all) => {
        const used = placeholders(form)
        // "One person", "two people" and "none" need no figure; the form for all other numbers does.
        if (all.length > 1 && at < all.length - 1 && wanted.has('count')) used.add('count')
        return [...wanted].every((one) => used.has(one)) && [...used].every((one) => wanted.has(one)) ? [] : [`${key}: ${form}`]
      })
    })
    expect(differs).toEqual([])
  })
  it('has as many forms as the language counts by', async () => {
    const wrong = [...leaves(await language.load())].filter(([key, value]) => {
      const plural = formsOf(english.get(key) ?? '').length > 1
      const zero = formsOf(english.get(key) ?? '').length === 3 ? 1 : 0
      const forms = formsOf(value).length
      return plural ? forms !== language.plurals.length + zero || !formCounts(language).includes(forms) : forms !== 1
    })
    expect(wrong).toEqual([])
  })
  it('can be read by the compiler of messages', async () => {
    await useLanguage(language.code)
    const values = Object.fromEntries([...english.values()].flatMap((value) => [...placeholders(value)]).map((name) => [name, 'x']))
    for (const key of english.keys()) {
      const said = text(key as never, values, formsOf(english.get(key) ?? '').length > 1 ? 5 : undefined)
      expect(said, key).not.toBe(key)
      expect(said.includes('{') && !key.endsWith('.off'), `${key}: ${said}`).toBe(false)
    }
  })
})

describe('numbers', () => {
  const form = (code: string, value: number, forms: number) => formOf(LANGUAGES.find((one) => one.code === code) as Language, value, forms)
  it.each([['en', 0, 2, 1], ['en', 1, 2, 0], ['en', 0, 3, 0], ['en', 1, 3, 1], ['en', 7, 3, 2], ['pt-BR', 0, 2, 0], ['pt-BR', 1, 2, 0], ['pt-BR', 2, 2, 1], ['pt-BR', 1e6, 2, 1],
    ['he', 1, 3, 0], ['he', 2, 3, 1], ['he', 3, 3, 2], ['he', 20, 3, 2], ['he', 0, 3, 2], ['he', 0, 4, 0], ['he', 2, 4, 2], ['he', 2, 2, 1]])('in %s: %d of %d forms is form %d', (code, value, forms, at) => {
    expect(form(code, value, forms)).toBe(at)
  })
  it('are said as people say them', async () => {
    await useLanguage('he')
    expect([1, 2, 3].map((value) => text('chats.unread', {}, value))).toEqual(['הודעה אחת שלא נקראה', 'שתי הודעות שלא נקראו', '3 הודעות שלא נקראו'])
    await useLanguage('pt-BR')
    expect([1, 1234].map((value) => text('chats.unread', {}, value))).toEqual(['1 mensagem não lida', '1.234 mensagens não lidas'])
    expect([count(12_345), percent(0.031)]).toEqual(['12,3\u00a0mil', '3,1%'])
    expect(relative('2026-11-27T16:27:00Z', new Date('2026-11-27T16:30:00Z'))).toBe('há 3 min')
  })
})

describe('languages', () => {
  it('are found by their family', () => {
    expect([languageOf('pt-PT')?.code, languageOf('he-IL')?.code, languageOf('en-GB')?.code, languageOf('xx')?.code]).toEqual(['pt-BR', 'he', 'en', undefined])
  })
  it('set the direction of the page, and of what stands within a text', async () => {
    await useLanguage('he')
    expect([document.documentElement.lang, document.documentElement.dir]).toEqual(['he', 'rtl'])
    expect(phone('628123456789')).toBe('\u2066+62 8123 456 789\u2069')
    expect(text('messages.download', { name: 'a.pdf' })).toBe('הורדת \u2068a.pdf\u2069')
    expect(plainText('campaigns.copyName', { name: 'Sale' })).toBe('Sale (עותק)')
    await useLanguage('en')
    expect([document.documentElement.lang, document.documentElement.dir, settings.direction]).toEqual(['en', 'ltr', 'ltr'])
    expect(phone('628123456789')).toBe('+62 8123 456 789')
  })
})

describe('the source', () => {
  const root = join(import.meta.dirname, '..')
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(vue|ts|css)$/.test(name) && !/\.(test|d)\.ts$/.test(name) && !name.startsWith('i18n'))
  // Classes that name a side of the screen; `inset-x`, `space-x` and `translate-x` of the library mirror themselves or are even.
  const SIDED = /(?<![\w-])-?(?:m[lr]|p[lr]|scroll-[mp][lr]|left|right|border-[lr]|rounded-(?:[lr]|[tb][lr])|text-left|text-right|float-left|float-right)(?:-(?:\d|\[|px|auto|full|none|xs|sm|md|lg|xl)[\w./\]%-]*)?(?=[\s"'`:])(?!\s*=>)/g
  const classes = (source: string) => [...source.matchAll(/(?:class|ui|class-name)="([^"]*)"|'([^'\n]*)'|`([^`]*)`/g)].map((found) => found[1] ?? found[2] ?? found[3] ?? '')
  const sided = (source: string) => classes(source).flatMap((one) => [...`${one} `.matchAll(SIDED)].map((found) => found[0])).filter((one) => one.includes('-'))

  it('names no side of the screen', () => {
    expect(sided('<p class="ml-2 pr-4 text-left md:border-l-2 rounded-tl-lg left-0">')).toEqual(['ml-2', 'pr-4', 'text-left', 'border-l-2', 'rounded-tl-lg', 'left-0'])
    expect(sided('<p class="ms-2 pe-4 text-start border-s start-0 i-lucide-arrow-left">')).toEqual([])
    expect(sources.length).toBeGreaterThan(200)
    expect(sources.flatMap((name) => sided(readFileSync(join(root, name), 'utf8')).map((one) => `${name}: ${one}`))).toEqual([])
  })
  it('turns every arrow round that points to a side', () => {
    const unturned = sources.flatMap((name) => readFileSync(join(root, name), 'utf8').split('\n')
      .filter((line) => /i-lucide-(?:arrow|chevron|chevrons|move|panel|send)-(?:left|right)\b/.test(line) && !line.includes('rtl:'))
      .map((line) => `${name}: ${line.trim().slice(0, 120)}`))
    expect(unturned).toEqual([])
  })
})
