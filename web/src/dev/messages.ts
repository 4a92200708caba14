/** Messages of every kind and state, for the stories. */
import type { Content, Message, MessageState } from '@/api/views'

let ids = 0
function message(content: Content, fields: Partial<Message> = {}): Message {
  ids += 1
  const at = new Date(Date.UTC(2026, 10, 27, 9, ids)).toISOString()
  return {
    id: String(ids), profileId: '', direction: 'in', chatId: '1', from: null, type: content.type, text: null, content, status: 'received', campaignId: null,
    template: null, source: null, replyTo: null, providerId: null, createdAt: at, timestamp: at, scheduledAt: null, sentAt: null, deliveredAt: null, readAt: null,
    failedAt: null, editedAt: null, deletedAt: null, error: null, ...fields,
  }
}
const ours = (status: MessageState, fields: Partial<Message> = {}) => message({ type: 'text', text: `A message that is ${status}.` }, { direction: 'out', status, ...fields })

export const messages: Message[] = [
  message({ type: 'text', text: 'Hi, is the *blue* one _still_ in ~stock~ the shop? See https://example.com/blue?a=1, or `code`.' }),
  message({ type: 'text', text: '😀🎉' }),
  ours('queued'),
  ours('sent'),
  ours('delivered', { editedAt: '2026-11-27T09:00:00Z' }),
  ours('read', { campaignId: '1' }),
  ours('uncertain'),
  ours('scheduled', { scheduledAt: '2026-12-01T09:00:00Z' }),
  ours('failed', { error: { code: '131047', title: 'Re-engagement message', cause: 'More than 24 hours have passed since the recipient last wrote, so only templates may be sent.', remedy: 'Send an approved template instead.', retryable: false, link: 'https://example.com', message: 'Re-engagement message' } }),
  ours('failed', { error: { code: 'OFFLINE', message: 'The server cannot be reached.', retryable: true } }),
  message({ type: 'location', latitude: -6.2, longitude: 106.8, name: 'Monas', address: 'Jakarta' }),
  message({ type: 'contacts', contacts: [{ name: 'Budi Santoso', phones: ['628123450000'], organization: 'Toko Budi' }] }),
  message({ type: 'poll', question: 'When shall we deliver?', options: ['Today', 'Tomorrow'] }),
  message({ type: 'order', catalog_id: '1', items: [{ product_id: 'shoe-42', quantity: 2, price: '49.90', currency: 'USD' }], text: 'Size 42 please' }),
  message({ type: 'buttons', body: 'Shall we deliver tomorrow?', footer: 'Jackfield', buttons: [{ id: 'y', title: 'Yes' }, { id: 'n', title: 'No' }] }, { direction: 'out', status: 'read' }),
  message({ type: 'list', body: 'Choose a size', button: 'Sizes', sections: [] }, { direction: 'out', status: 'delivered' }),
  message({ type: 'document', url: 'https://example.com/invoice.pdf', filename: 'invoice-2026-11.pdf' }),
  message({ type: 'button_reply', id: 'y', title: 'Yes' }),
  message({ type: 'unsupported' }),
  message({ type: 'text', text: 'gone' }, { deletedAt: '2026-11-27T09:00:00Z' }),
  message({ type: 'text', text: 'שלום, האם זה עדיין במלאי?' }),
]
