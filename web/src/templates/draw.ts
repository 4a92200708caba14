/** A template message as the phone draws it: the template's texts with the message's values in them. */
import type { Content, Template } from '@/api/views'

export interface DrawnButton {
  type: string
  text: string
}

export interface DrawnTemplate {
  header: string | null
  /** image, video, document or location, where the header is no text. */
  headerKind: string | null
  /** The header's file, as a content of its own. */
  media: Content | null
  body: string
  footer: string | null
  buttons: DrawnButton[]
  cards: DrawnCard[]
}

/** A card of a carousel: a picture or video above its text. */
export interface DrawnCard {
  headerKind?: string | null
  media?: Content | null
  body: string
  buttons: DrawnButton[]
}

interface Value {
  text: string
  name?: string
}

interface Component {
  type: string
  format?: string
  text?: string
  buttons?: DrawnButton[]
  cards?: { components: Component[] }[]
}

/** `{{1}}` and `{{name}}` replaced; what has no value stays as it is written. */
export function fill(text: string, values: Value[]): string {
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, key: string) => {
    const named = values.find((one) => one.name === key)
    const placed = /^\d+$/.test(key) ? values[Number(key) - 1] : undefined
    return named?.text ?? placed?.text ?? whole
  })
}

const asValues = (given: unknown): Value[] => (Array.isArray(given) ? (given as Value[]) : [])
const find = (components: Component[], type: string) => components.find((one) => one.type.toUpperCase() === type)
const buttonsOf = (components: Component[]) =>
  (find(components, 'BUTTONS')?.buttons ?? []).map(({ type, text }) => ({ type: type.toLowerCase(), text }))

/** Draw a message; without its template only the values are known. */
export function draw(template: Template | undefined, content: Content): DrawnTemplate {
  const header = content.header as { text?: Value[]; media?: Content } | undefined
  const body = asValues(content.body)
  if (template === undefined) {
    return {
      header: null, headerKind: null, media: header?.media ?? null, body: body.map((one) => one.text).join(' · '), footer: null, buttons: [], cards: [],
    }
  }
  const components = template.components as unknown as Component[]
  const top = find(components, 'HEADER')
  const isText = top?.format === undefined || top.format.toUpperCase() === 'TEXT'
  const values = content.cards as { body?: Value[] }[] | undefined
  return {
    header: isText && top?.text !== undefined ? fill(top.text, asValues(header?.text)) : null,
    headerKind: top === undefined || isText ? null : (top.format?.toLowerCase() ?? null),
    media: header?.media ?? null,
    body: fill(find(components, 'BODY')?.text ?? '', body),
    footer: find(components, 'FOOTER')?.text ?? null,
    buttons: buttonsOf(components),
    cards: (find(components, 'CAROUSEL')?.cards ?? []).map((card, index) => ({
      headerKind: find(card.components, 'HEADER')?.format?.toLowerCase() ?? null,
      body: fill(find(card.components, 'BODY')?.text ?? '', asValues(values?.[index]?.body)),
      buttons: buttonsOf(card.components),
    })),
  }
}
