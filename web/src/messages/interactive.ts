/** Interactive messages as cards. */
import type { Content } from '@/api/views'
import { text } from '@/i18n'
import type { DrawnButton, DrawnTemplate } from '@/templates/draw'

const list = (value: unknown) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : [])

function buttonsOf(content: Content): DrawnButton[] {
  const one = (type: string, words: unknown): DrawnButton[] => [{ type, text: String(words) }]
  switch (content.type) {
    case 'buttons':
      return list(content.buttons).map((button) => ({ type: 'quick_reply', text: String(button.title) }))
    case 'inline_keyboard':
      return (content.rows as Record<string, unknown>[][]).flat().map((button) => ({ type: button.url === undefined ? 'quick_reply' : 'url', text: String(button.text) }))
    case 'list':
      return one('list', content.button)
    case 'cta_url':
      return one('url', content.title)
    case 'flow':
      return one('flow', content.button)
    case 'catalog':
    case 'product':
      return one('catalog', text('messages.catalog'))
    case 'product_list': {
      const count = list(content.sections).reduce((sum, section) => sum + (section.product_ids as unknown[]).length, 0)
      return one('catalog', text('messages.products', {}, count))
    }
    case 'location_request':
      return one('location', text('messages.kinds.location'))
    case 'contact_request':
      return one('phone_number', text('messages.kinds.contact_request'))
    default:
      return []
  }
}

export function drawInteractive(content: Content): DrawnTemplate {
  const header = content.header as { text?: string; media?: Content } | undefined
  return {
    header: header?.text ?? null,
    headerKind: null,
    media: header?.media ?? null,
    body: String(content.body ?? content.text ?? ''),
    footer: typeof content.footer === 'string' ? content.footer : null,
    buttons: buttonsOf(content),
    cards: [],
  }
}
