/** WhatsApp's own marks (`*bold*`, `_italic_`, `~struck~`, `` `code` ``) and links, as pieces to be drawn. Never HTML. */

export type Mark = 'bold' | 'italic' | 'strike' | 'code'

export interface Piece {
  text: string
  marks: Mark[]
  /** Where the piece leads: http, https, mailto or tel only. */
  href?: string
}

const MARKS: Record<string, Mark> = { '*': 'bold', _: 'italic', '~': 'strike' }
const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]|\bwww\.[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi
/** A mark opens after a space or at the start, and closes before a space or a sign: `2*3*4` stays as it is. */
const MARKED = /(^|[\s([{"'*_~.,;:!?-])([*_~])(?=\S)(.+?)(?<=\S)\2(?=$|[\s)\]}"'*_~.,;:!?-])/su

function links(text: string, marks: Mark[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const found of text.matchAll(LINK)) {
    if (found.index > at) pieces.push({ text: text.slice(at, found.index), marks })
    const href = found[0].startsWith('http') || found[0].startsWith('HTTP') ? found[0] : `https://${found[0]}`
    pieces.push({ text: found[0], marks, href })
    at = found.index + found[0].length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marks })
  return pieces
}

function marked(text: string, marks: Mark[]): Piece[] {
  const found = MARKED.exec(text)
  const mark = found?.[2] === undefined ? undefined : MARKS[found[2]]
  if (found?.[3] === undefined || mark === undefined) return links(text, marks)
  const start = found.index + (found[1] ?? '').length
  const end = found.index + found[0].length
  return [
    ...links(text.slice(0, start), marks),
    ...marked(found[3], [...marks, mark]),
    ...marked(text.slice(end), marks),
  ]
}

/** The pieces of a text. */
export function pieces(text: string): Piece[] {
  return text
    .split(/(```[\s\S]+?```|`[^`\n]+`)/)
    .flatMap((part): Piece[] => {
      if (part.length > 6 && part.startsWith('```') && part.endsWith('```')) {
        return [{ text: part.slice(3, -3), marks: ['code'] }]
      }
      if (part.length > 2 && part.startsWith('`') && part.endsWith('`')) return [{ text: part.slice(1, -1), marks: ['code'] }]
      return part === '' ? [] : marked(part, [])
    })
}

/** Whether a text is one to three emoji and nothing else, which is drawn large. */
export function isEmojiOnly(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > 40 || !/^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\p{RI}|\s)+$/u.test(trimmed)) return false
  if (/^[\d#*\s]+$/.test(trimmed)) return false
  return [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(trimmed)].length <= 3
}

/** Up to two letters for a person without a picture. */
export function initials(name: string): string {
  const words = name.replace(/[^\p{L}\p{N}\s]/gu, ' ').trim().split(/\s+/).filter((word) => /\p{L}/u.test(word))
  const first = words[0]
  const last = words.length > 1 ? words.at(-1) : undefined
  if (first === undefined) return '#'
  return ([...first][0] ?? '').toUpperCase() + (last === undefined ? '' : ([...last][0] ?? '').toUpperCase())
}
