/** A message in one line, for lists and quotes. */
import type { Message } from '@/api/views'
import { text, type TextKey } from '@/i18n'

const KNOWN = /^(text|image|video|audio|voice|document|sticker|album|location|contacts|poll|poll_vote|reaction|template|buttons|list|cta_url|product|product_list|catalog|address|location_request|contact_request|flow|flow_reply|inline_keyboard|button_reply|list_reply|order|system|unsupported)$/

export function kindWord(type: string): string {
  return text(`messages.kinds.${KNOWN.test(type) ? type : 'unsupported'}` as TextKey)
}

export function oneLine(message: Message): string {
  if (message.deletedAt !== null) return text('messages.deleted')
  if (message.type === 'reaction') return text('messages.reacted', { emoji: message.text ?? '' })
  if (message.type === 'template') return text('messages.template', { name: message.template ?? '' })
  const said = message.text ?? ''
  const isBare = said === '' || /^\[.*\]$/.test(said)
  if (message.type === 'audio' && isBare) return kindWord(message.content?.voice === true ? 'voice' : 'audio')
  return isBare ? kindWord(message.type) : said.replace(/\s+/g, ' ')
}

const ICONS: Record<string, string> = {
  image: 'i-lucide-image', video: 'i-lucide-film', audio: 'i-lucide-mic', document: 'i-lucide-file-text', sticker: 'i-lucide-sticker',
  location: 'i-lucide-map-pin', contacts: 'i-lucide-contact', poll: 'i-lucide-chart-bar-big', template: 'i-lucide-layout-template', order: 'i-lucide-shopping-bag',
}

/** The icon before the line, for all that is not plain text. */
export function kindIcon(message: Message): string | null {
  return message.deletedAt === null ? (ICONS[message.type] ?? null) : null
}
