/** What the command bar finds on the server: each object as one line that leads somewhere. */
import type { CommandPaletteGroup, CommandPaletteItem } from '@nuxt/ui'
import type { SearchFound, Snippet } from '@/api/views'
import { phone } from '@/format/phone'
import { text } from '@/i18n'
import { oneLine } from '@/messages/words'

export interface Part {
  text: string
  found: boolean
}

export interface Result extends CommandPaletteItem {
  label: string
  to: string
  /** The label in parts, where some of its words were found. */
  parts?: Part[]
}

/** A text cut where the words that were found begin and end. */
export function partsOf({ text: said, ranges }: Snippet): Part[] {
  const characters = Array.from(said)
  const parts: Part[] = []
  let at = 0
  const add = (end: number, found: boolean) => {
    if (end > at) parts.push({ text: characters.slice(at, end).join(''), found })
    at = Math.max(at, end)
  }
  for (const { start, end } of ranges) {
    add(start, false)
    add(end, true)
  }
  add(characters.length, false)
  return parts
}

/** The groups of the bar: people first, then what was said. The server has chosen already. */
export function resultGroups(found: SearchFound | undefined, go: (to: string) => void): CommandPaletteGroup[] {
  const group = (id: 'chats' | 'contacts' | 'messages' | 'campaigns', items: Result[]): CommandPaletteGroup => ({
    id, slot: id, label: text(`shell.commands.${id}`), ignoreFilter: true,
    items: items.map(({ to, ...item }) => ({ ...item, onSelect: () => { go(to) } })),
  })
  return [
    group('chats', (found?.chats ?? []).map((one) => ({
      label: one.name, suffix: phone(one.contact?.phone ?? one.chatId), icon: 'i-lucide-message-circle', to: `/inbox/${one.id}`,
    }))),
    group('contacts', (found?.contacts ?? []).map((one) => ({
      label: one.name, suffix: one.phone === null ? (one.email ?? '') : phone(one.phone), icon: 'i-lucide-user', to: `/contacts/${one.id}`,
    }))),
    group('messages', (found?.messages ?? []).map((one) => ({
      label: one.snippet.text === '' ? oneLine(one.message) : one.snippet.text, parts: partsOf(one.snippet), description: one.chat.name,
      icon: 'i-lucide-text-search', to: `/inbox/${one.chat.id}?message=${one.message.id}`,
    }))),
    group('campaigns', (found?.campaigns ?? []).map((one) => ({ label: one.name, icon: 'i-lucide-megaphone', to: `/campaigns/${one.id}` }))),
  ]
}
