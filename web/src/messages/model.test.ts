import { describe, expect, it } from 'vitest'
import type { LiveEvent, Message, MessageState, Note } from '@/api/views'
import { addressKey, applyEvent, arrange, isLater, messageOf, type Row } from './model'

function message(id: string, at: string, fields: Partial<Message> = {}): Message {
  const time = `2026-11-27T${at}Z`
  return {
    id, profileId: '1', direction: 'in', chatId: '62@c.us', from: '62', type: 'text', text: id, content: { type: 'text', text: id }, status: 'received',
    campaignId: null, template: null, source: null, replyTo: null, providerId: `p${id}`, createdAt: time, timestamp: time, scheduledAt: null, sentAt: null,
    deliveredAt: null, readAt: null, failedAt: null, editedAt: null, deletedAt: null, error: null, ...fields,
  }
}
const note = (id: string, at: string): Note => ({ id, memberId: '1', text: id, createdAt: `2026-11-27T${at}Z` })
const event = (type: string, data: Record<string, unknown>): LiveEvent => ({ id: '9', cursor: '9', event: type, profileId: '1', timestamp: '2026-11-27T10:00:00Z', data })
const kinds = (rows: Row[]) => rows.map((row) => (row.kind === 'message' ? `${row.message.id}${row.first ? '+' : ''}` : row.kind))

describe('rows', () => {
  it('are grouped by sender within two minutes, under day lines', () => {
    const rows = arrange([
      message('a', '10:00:00'), message('b', '10:01:00'), message('c', '10:05:00'), message('d', '10:05:30', { direction: 'out', from: null, status: 'sent' }),
    ], [], null)
    expect(kinds(rows)).toEqual(['day', 'a+', 'b', 'c+', 'd+'])
    expect(rows.map((row) => (row.kind === 'message' ? row.last : null))).toEqual([null, false, true, true, true])
  })
  it('say where reading stopped', () => {
    expect(kinds(arrange([message('a', '10:00:00'), message('b', '10:00:10')], [], 'b'))).toEqual(['day', 'a+', 'new', 'b+'])
  })
  it('put notes where they belong in time', () => {
    expect(kinds(arrange([message('a', '10:00:00'), message('b', '10:00:20')], [note('n', '10:00:10')], null))).toEqual(['day', 'a+', 'note', 'b+'])
  })
  it('show a reaction on its message: the last of each person, none that was taken back', () => {
    const reaction = (id: string, from: string, emoji: string) =>
      message(id, '10:01:00', { type: 'reaction', from, content: { type: 'reaction', target: 'pa', emoji } })
    const rows = arrange([message('a', '10:00:00'), reaction('r1', '62', '👍'), reaction('r2', '63', '👍'), reaction('r3', '64', '😮'), reaction('r4', '64', '')], [], null)
    expect(kinds(rows)).toEqual(['day', 'a+'])
    expect(rows[1]).toMatchObject({ reactions: [{ emoji: '👍', count: 2 }] })
  })
  it('draw notices of the network small', () => {
    expect(kinds(arrange([message('a', '10:00:00', { type: 'system' })], [], null))).toEqual(['day', 'notice'])
  })
})

describe('states', () => {
  it.each<[MessageState, MessageState, boolean]>([
    ['sent', 'queued', true], ['queued', 'sent', false], ['read', 'delivered', true], ['delivered', 'read', false], ['sent', 'sent', false], ['sent', 'uncertain', true], ['failed', 'sent', true],
  ])('%s after %s: %s', (next, now, allowed) => {
    expect(isLater(next, now)).toBe(allowed)
  })
  it('never go back when events come twice or out of order', () => {
    const read = message('a', '10:00:00', { direction: 'out', status: 'read' })
    expect(applyEvent(read, event('message.delivered', { id: 'a', status: 'delivered' }))).toBe(read)
  })
  it('bring the reason of a failure along', () => {
    const failed = applyEvent(message('a', '10:00:00', { status: 'sent' }), event('message.failed', { id: 'a', status: 'failed', timestamp: 't', error: { code: '131047', message: 'm' } }))
    expect(failed).toMatchObject({ status: 'failed', failedAt: 't', error: { code: '131047' } })
  })
})

describe('events', () => {
  it('make a message; content that they do not carry is null', () => {
    const data = { id: '7', chatId: '62@c.us', kind: 'image', body: '[image]', direction: 'out', status: 'sent', timestamp: 't', providerId: 'p', author: null }
    expect(messageOf(event('message.sent', data))).toMatchObject({ id: '7', type: 'image', content: null })
    expect(messageOf(event('message.sent', { ...data, kind: 'text', body: 'hi' })).content).toEqual({ type: 'text', text: 'hi' })
  })
  it('make a reaction of its target and emoji', () => {
    const made = messageOf(event('message.reaction', { id: '8', kind: 'reaction', body: '👍', target: 'pa', timestamp: 't', direction: 'in', status: 'received' }))
    expect(made.content).toEqual({ type: 'reaction', target: 'pa', emoji: '👍' })
  })
  it('find their chat whether addresses have suffixes or not', () => {
    expect(addressKey('1', '62@c.us')).toBe(addressKey('1', '62'))
    expect(addressKey('1', '62@g.us')).not.toBe(addressKey('1', '62'))
    expect(addressKey('1', '62')).not.toBe(addressKey('2', '62'))
  })
})
