/** What the editor holds, as Meta's components and back; limits, and what is wrong with it. Pure. */
import type { Content, Template } from '@/api/views'
import type { TextKey } from '@/i18n'
import { type DrawnTemplate, fill } from './draw'

export const CATEGORIES = ['MARKETING', 'UTILITY', 'AUTHENTICATION'] as const
export const STATUSES = ['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED'] as const
export const QUALITIES = ['GREEN', 'YELLOW', 'RED', 'UNKNOWN'] as const
export const FORMATS = ['NONE', 'TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION'] as const
export const BUTTONS = ['QUICK_REPLY', 'URL', 'PHONE_NUMBER', 'COPY_CODE'] as const

/** Meta's lengths, in characters, and counts (its template reference). */
export const LIMITS = { name: 512, header: 60, body: 1024, footer: 60, button: 25, url: 2000, phone: 20, code: 20, buttons: 10, cards: 10, cardBody: 160, cardButtons: 2 } as const
const AT_MOST: Record<string, number> = { URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1 }

export type Component = Record<string, unknown> & { type: string }
export type HeaderFormat = (typeof FORMATS)[number]
export interface ButtonDraft { type: string; text: string; url: string; phone: string; example: string; /** A button that the editor cannot change, as it came. */ kept?: Record<string, unknown> }
export interface CardDraft { format: 'IMAGE' | 'VIDEO'; handle: string; body: string; examples: Record<string, string>; buttons: ButtonDraft[] }
export interface TemplateDraft {
  profileId: string
  name: string
  language: string
  category: string
  header: { format: HeaderFormat; text: string; handle: string }
  headerExamples: Record<string, string>
  body: string
  bodyExamples: Record<string, string>
  footer: string
  buttons: ButtonDraft[]
  cards: CardDraft[]
  /** Of one-time codes, whose words are the provider's own. */
  code: { security: boolean; minutes: string; button: string }
  /** Components that the editor cannot change, as they came. */
  kept: Component[]
}
export interface Problem { place: string; key: TextKey; values?: Record<string, string | number> }

const VARIABLE = /\{\{\s*([\w.-]+)\s*\}\}/g
/** A text's variables, each once, in the order in which they are filled in. */
export function variables(words: string): string[] {
  const found = [...new Set([...words.matchAll(VARIABLE)].map((one) => one[1] ?? ''))]
  return found.every((one) => /^\d+$/.test(one)) ? found.sort((a, b) => Number(a) - Number(b)) : found
}
const isNumber = (name: string) => /^\d+$/.test(name)
/** The name of the next variable: `{{2}}` after `{{1}}`. */
export const nextVariable = (words: string): string => String(variables(words).filter(isNumber).length + 1)
export const length = (words: string): number => [...words].length

export const emptyButton = (type: string): ButtonDraft => ({ type, text: '', url: '', phone: '', example: '' })
export const emptyCard = (like?: CardDraft): CardDraft => ({ format: like?.format ?? 'IMAGE', handle: '', body: '', examples: {}, buttons: (like?.buttons ?? [emptyButton('QUICK_REPLY')]).map((one) => ({ ...emptyButton(one.type), text: one.text })) })
export function emptyDraft(): TemplateDraft {
  return {
    profileId: '', name: '', language: 'en_US', category: 'UTILITY', header: { format: 'NONE', text: '', handle: '' }, headerExamples: {}, body: '', bodyExamples: {}, footer: '', buttons: [], cards: [],
    code: { security: true, minutes: '10', button: '' }, kept: [],
  }
}

/** Named where a variable is no number. */
export const parameterFormat = (draft: TemplateDraft): string =>
  [...variables(draft.body), ...(draft.header.format === 'TEXT' ? variables(draft.header.text) : [])].some((one) => !isNumber(one)) ? 'NAMED' : 'POSITIONAL'

// -- to the provider -------------------------------------------------------------------------------------

function examples(place: 'header' | 'body', words: string, given: Record<string, string>, named: boolean): Record<string, unknown> {
  const names = variables(words)
  if (names.length === 0) return {}
  if (named) return { example: { [`${place}_text_named_params`]: names.map((name) => ({ param_name: name, example: given[name] ?? '' })) } }
  const values = names.map((name) => given[name] ?? '')
  return { example: { [`${place}_text`]: place === 'body' ? [values] : values } }
}

function asButton(one: ButtonDraft): Record<string, unknown> {
  if (one.kept !== undefined) return one.kept
  if (one.type === 'URL') return { type: one.type, text: one.text.trim(), url: one.url.trim(), ...(variables(one.url).length > 0 ? { example: [one.example.trim()] } : {}) }
  if (one.type === 'PHONE_NUMBER') return { type: one.type, text: one.text.trim(), phone_number: one.phone.trim() }
  if (one.type === 'COPY_CODE') return { type: one.type, example: one.example.trim() }
  return { type: one.type, text: one.text.trim() }
}

/** The components in Meta's shape. */
export function asComponents(draft: TemplateDraft): Component[] {
  if (draft.category === 'AUTHENTICATION') {
    return [
      { type: 'BODY', add_security_recommendation: draft.code.security },
      ...(draft.code.minutes.trim() === '' ? [] : [{ type: 'FOOTER', code_expiration_minutes: Number(draft.code.minutes) }]),
      { type: 'BUTTONS', buttons: [{ type: 'OTP', otp_type: 'COPY_CODE', ...(draft.code.button.trim() === '' ? {} : { text: draft.code.button.trim() }) }] },
    ]
  }
  const named = parameterFormat(draft) === 'NAMED'
  const found: Component[] = []
  const { format, text, handle } = draft.header
  if (draft.cards.length === 0) {
    if (format === 'TEXT') found.push({ type: 'HEADER', format, text: text.trim(), ...examples('header', text, draft.headerExamples, named) })
    else if (format === 'LOCATION') found.push({ type: 'HEADER', format })
    else if (format !== 'NONE') found.push({ type: 'HEADER', format, example: { header_handle: [handle] } })
  }
  found.push({ type: 'BODY', text: draft.body.trim(), ...examples('body', draft.body, draft.bodyExamples, named) })
  if (draft.cards.length > 0) {
    found.push({
      type: 'CAROUSEL',
      cards: draft.cards.map((card) => ({
        components: [
          { type: 'HEADER', format: card.format, example: { header_handle: [card.handle] } },
          ...(card.body.trim() === '' ? [] : [{ type: 'BODY', text: card.body.trim(), ...examples('body', card.body, card.examples, false) }]),
          { type: 'BUTTONS', buttons: card.buttons.map(asButton) },
        ],
      })),
    })
    return [...found, ...draft.kept]
  }
  if (draft.footer.trim() !== '') found.push({ type: 'FOOTER', text: draft.footer.trim() })
  if (draft.buttons.length > 0) found.push({ type: 'BUTTONS', buttons: draft.buttons.map(asButton) })
  return [...found, ...draft.kept]
}

// -- from the provider -----------------------------------------------------------------------------------

const find = (components: Component[], type: string) => components.find((one) => one.type.toUpperCase() === type)
const first = (value: unknown): string => String((Array.isArray(value) ? value[0] : value) ?? '')

function givenExamples(part: Component | undefined, place: 'header' | 'body'): Record<string, string> {
  const example = (part?.example ?? {}) as Record<string, unknown>
  const named = example[`${place}_text_named_params`]
  if (Array.isArray(named)) return Object.fromEntries((named as { param_name: string; example: string }[]).map((one) => [one.param_name, one.example]))
  const listed = example[`${place}_text`]
  const values = (Array.isArray(listed) && Array.isArray(listed[0]) ? listed[0] : listed) as string[] | undefined
  return Object.fromEntries(variables(String(part?.text ?? '')).map((name, index) => [name, String(values?.[index] ?? '')]))
}

function asButtonDraft(one: Record<string, unknown>): ButtonDraft {
  const type = String(one.type ?? '').toUpperCase()
  const drawn = { type, text: String(one.text ?? ''), url: String(one.url ?? ''), phone: String(one.phone_number ?? ''), example: first(one.example) }
  return BUTTONS.some((known) => known === type) ? drawn : { ...drawn, kept: one }
}
const buttonsOf = (components: Component[]): ButtonDraft[] => ((find(components, 'BUTTONS')?.buttons ?? []) as Record<string, unknown>[]).map(asButtonDraft)
const handleOf = (part: Component | undefined): string => first(((part?.example ?? {}) as Record<string, unknown>).header_handle)

/** A template as the editor holds it. */
export function asDraft(template: Template): TemplateDraft {
  const components = template.components as Component[]
  const header = find(components, 'HEADER')
  const body = find(components, 'BODY')
  const footer = find(components, 'FOOTER')
  const format = FORMATS.find((one) => one === String(header?.format ?? 'TEXT').toUpperCase())
  const minutes = footer?.code_expiration_minutes
  const cards = (find(components, 'CAROUSEL')?.cards ?? []) as { components: Component[] }[]
  const known = new Set(['HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL'])
  return {
    profileId: template.profileId, name: template.name, language: template.language, category: template.category,
    header: { format: header === undefined ? 'NONE' : (format ?? 'TEXT'), text: String(header?.text ?? ''), handle: handleOf(header) },
    headerExamples: givenExamples(header, 'header'), body: String(body?.text ?? ''), bodyExamples: givenExamples(body, 'body'),
    footer: minutes === undefined ? String(footer?.text ?? '') : '', buttons: template.category === 'AUTHENTICATION' ? [] : buttonsOf(components),
    cards: cards.map((card) => {
      const text = find(card.components, 'BODY')
      const top = find(card.components, 'HEADER')
      return { format: String(top?.format).toUpperCase() === 'VIDEO' ? 'VIDEO' : 'IMAGE', handle: handleOf(top), body: String(text?.text ?? ''), examples: givenExamples(text, 'body'), buttons: buttonsOf(card.components) }
    }),
    code: { security: body?.add_security_recommendation === true, minutes: minutes === undefined ? '' : String(minutes), button: buttonsOf(components).find((one) => one.type === 'OTP')?.text ?? '' },
    kept: components.filter((one) => !known.has(one.type.toUpperCase())),
  }
}

// -- what is wrong ---------------------------------------------------------------------------------------

function buttonProblems(buttons: ButtonDraft[], where: string): Problem[] {
  const found: Problem[] = []
  buttons.forEach((one, index) => {
    const place = `${where}buttons.${index}`
    if (one.kept !== undefined) return
    if (one.type !== 'COPY_CODE' && one.text.trim() === '') found.push({ place, key: 'templates.needs.buttonText' })
    if (length(one.text) > LIMITS.button) found.push({ place, key: 'templates.needs.tooLong', values: { most: LIMITS.button } })
    if (one.type === 'URL' && !/^https?:\/\/[^\s]+$/.test(one.url.trim())) found.push({ place, key: 'templates.needs.url' })
    if (one.type === 'URL' && variables(one.url).length > 1) found.push({ place, key: 'templates.needs.urlOne' })
    if (one.type === 'URL' && variables(one.url).length === 1 && one.example.trim() === '') found.push({ place, key: 'templates.needs.urlExample' })
    if (one.type === 'PHONE_NUMBER' && !/^\+?[\d\s()-]{6,20}$/.test(one.phone.trim())) found.push({ place, key: 'templates.needs.phone' })
    if (one.type === 'COPY_CODE' && (one.example.trim() === '' || length(one.example) > LIMITS.code)) found.push({ place, key: 'templates.needs.code', values: { most: LIMITS.code } })
  })
  for (const [type, most] of Object.entries(AT_MOST)) {
    if (buttons.filter((one) => one.type === type).length > most) found.push({ place: `${where}buttons`, key: 'templates.needs.buttonKind', values: { most } })
  }
  const runs = buttons.filter((one, index) => index === 0 || (one.type === 'QUICK_REPLY') !== (buttons[index - 1]?.type === 'QUICK_REPLY')).length
  if (runs > 2) found.push({ place: `${where}buttons`, key: 'templates.needs.together' })
  return found
}

function bodyProblems(words: string, given: Record<string, string>, place: string, most: number): Problem[] {
  const found: Problem[] = []
  const names = variables(words)
  const bare = words.trim()
  if (length(words) > most) found.push({ place, key: 'templates.needs.tooLong', values: { most } })
  if (/^\{\{[^}]*\}\}/.test(bare) || /\{\{[^}]*\}\}$/.test(bare)) found.push({ place, key: 'templates.needs.edges' })
  if (names.every(isNumber) && names.some((name, index) => Number(name) !== index + 1)) found.push({ place, key: 'templates.needs.gaps' })
  if (names.some(isNumber) && !names.every(isNumber)) found.push({ place, key: 'templates.needs.mixed' })
  for (const name of names) if ((given[name] ?? '').trim() === '') found.push({ place: `${place}.${name}`, key: 'templates.needs.example', values: { name } })
  return found
}

/** Everything that the provider would refuse. */
export function problems(draft: TemplateDraft): Problem[] {
  const found: Problem[] = []
  if (draft.profileId === '') found.push({ place: 'profileId', key: 'templates.needs.channel' })
  if (!/^[a-z0-9_]{1,512}$/.test(draft.name)) found.push({ place: 'name', key: 'templates.needs.name' })
  if (!/^[a-z]{2,3}(_[A-Za-z]{2,4})?$/.test(draft.language)) found.push({ place: 'language', key: 'templates.needs.language' })
  if (draft.category === 'AUTHENTICATION') {
    const minutes = draft.code.minutes.trim()
    if (minutes !== '' && !(/^\d+$/.test(minutes) && Number(minutes) >= 1 && Number(minutes) <= 90)) found.push({ place: 'minutes', key: 'templates.needs.minutes' })
    if (length(draft.code.button) > LIMITS.button) found.push({ place: 'codeButton', key: 'templates.needs.tooLong', values: { most: LIMITS.button } })
    return found
  }
  if (draft.body.trim() === '') found.push({ place: 'body', key: 'templates.needs.body' })
  found.push(...bodyProblems(draft.body, draft.bodyExamples, 'body', LIMITS.body))
  if (draft.cards.length > 0) {
    if (draft.cards.length < 2 || draft.cards.length > LIMITS.cards) found.push({ place: 'cards', key: 'templates.needs.cards', values: { most: LIMITS.cards } })
    const shape = (card: CardDraft) => [card.format, card.body.trim() !== '', ...card.buttons.map((one) => one.type)].join()
    if (new Set(draft.cards.map(shape)).size > 1) found.push({ place: 'cards', key: 'templates.needs.alike' })
    draft.cards.forEach((card, index) => {
      const where = `cards.${index}.`
      if (card.handle === '') found.push({ place: `${where}header`, key: 'templates.needs.file' })
      if (card.buttons.length === 0) found.push({ place: `${where}buttons`, key: 'templates.needs.cardButtons' })
      found.push(...bodyProblems(card.body, card.examples, `${where}body`, LIMITS.cardBody), ...buttonProblems(card.buttons, where))
    })
    return found
  }
  const { format, text, handle } = draft.header
  if (format === 'TEXT') {
    const names = variables(text)
    if (text.trim() === '') found.push({ place: 'header', key: 'templates.needs.headerText' })
    if (length(text) > LIMITS.header) found.push({ place: 'header', key: 'templates.needs.tooLong', values: { most: LIMITS.header } })
    if (names.length > 1 || /[\n*]/.test(text)) found.push({ place: 'header', key: 'templates.needs.headerShape' })
    for (const name of names) if ((draft.headerExamples[name] ?? '').trim() === '') found.push({ place: `header.${name}`, key: 'templates.needs.example', values: { name } })
  } else if (format !== 'NONE' && format !== 'LOCATION' && handle === '') found.push({ place: 'header', key: 'templates.needs.file' })
  if (length(draft.footer) > LIMITS.footer) found.push({ place: 'footer', key: 'templates.needs.tooLong', values: { most: LIMITS.footer } })
  if (draft.footer.includes('{{')) found.push({ place: 'footer', key: 'templates.needs.footer' })
  return [...found, ...buttonProblems(draft.buttons, '')]
}

// -- as the phone draws it -------------------------------------------------------------------------------

const filled = (words: string, given: Record<string, string>): string =>
  fill(words, variables(words).map((name) => ({ name, text: given[name]?.trim() ? (given[name] ?? '') : `{{${name}}}` })))

/** A file of our own store, as a content that can be shown. */
export const mediaOf = (format: string, handle: string): Content | null => (handle.startsWith('media:') ? { type: format.toLowerCase(), url: handle } : null)

/** The draft with its examples filled in. `words` are those of one-time codes. */
export function drawDraft(draft: TemplateDraft, words: { body: string; security: string; footer: string; button: string }): DrawnTemplate {
  if (draft.category === 'AUTHENTICATION') {
    return {
      header: null, headerKind: null, media: null, body: draft.code.security ? `${words.body} ${words.security}` : words.body,
      footer: draft.code.minutes.trim() === '' ? null : words.footer, buttons: [{ type: 'otp', text: draft.code.button.trim() || words.button }], cards: [],
    }
  }
  const carousel = draft.cards.length > 0
  const { format, text, handle } = carousel ? { format: 'NONE' as const, text: '', handle: '' } : draft.header
  const label = (one: ButtonDraft) => ({ type: one.type.toLowerCase(), text: one.text || (one.type === 'COPY_CODE' ? words.button : '…') })
  return {
    header: format === 'TEXT' ? filled(text, draft.headerExamples) : null,
    headerKind: format === 'NONE' || format === 'TEXT' ? null : format.toLowerCase(),
    media: mediaOf(format, handle),
    body: filled(draft.body, draft.bodyExamples),
    footer: carousel ? null : draft.footer || null,
    buttons: carousel ? [] : draft.buttons.map(label),
    cards: draft.cards.map((card) => ({ headerKind: card.format.toLowerCase(), media: mediaOf(card.format, card.handle), body: filled(card.body, card.examples), buttons: card.buttons.map(label) })),
  }
}
