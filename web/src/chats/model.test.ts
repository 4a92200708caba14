import { describe, expect, it } from 'vitest'
import type { Chat, LiveEvent } from '@/api/views'
import { afterChange, afterEvent, afterUpdate, asQuery, asSaved, belongs, byPlace, CHAT_VIEWS, fromSaved, undoOf } from './model'
import { match, personalise } from './composer/canned'
import { asContent, unsupported } from './composer/templating'

const chat = (fields: Partial<Chat> = {}): Chat => ({
  id: '1', chatId: '62@c.us', profileId: '1', kind: 'private', name: 'Asha Rao', contactId: null, contact: null, unread: 0, archived: false, pinned: false,
  mutedUntil: null, status: 'open', snoozedUntil: null, assigneeId: null, departmentId: null, windowUntil: null, windowOpen: false, target: null, lastMessage: null, lastAt: null, createdAt: '', ...fields,
})
const event = (type: string, data: Record<string, unknown>): LiveEvent => ({
  id: '9', cursor: '9', event: type, profileId: '1', timestamp: '2026-11-27T10:00:00.000Z',
  data: { id: '5', chatId: '62@c.us', kind: 'text', body: 'hi', direction: 'in', status: 'received', timestamp: '2026-11-27T10:00:00.000Z', ...data },
})

describe('a chat in a list', () => {
  it('shows what came in last, once', () => {
    const once = afterEvent(chat(), event('message.received', {}))
    expect(once).toMatchObject({ lastAt: '2026-11-27T10:00:00.000Z', lastMessage: { id: '5' } })
    expect(afterEvent(once, event('message.received', {}))).toBe(once)
  })
  it('takes what others did with it, and keeps its last message', () => {
    const data = { id: '1', name: 'Asha', unread: 3, archived: true, pinned: true, mutedUntil: null, status: 'done', snoozedUntil: null, assigneeId: '2', departmentId: '3', windowUntil: null, windowOpen: false, lastAt: null, lastMessageId: '9' }
    const known = afterEvent(chat(), event('message.received', {}))
    const now = afterUpdate(known, { ...event('chat.updated', {}), data })
    expect(now).toMatchObject({ name: 'Asha', unread: 3, archived: true, pinned: true, status: 'done', assigneeId: '2', departmentId: '3', lastMessage: { id: '5' } })
    expect(now).not.toHaveProperty('lastMessageId')
  })
  it('stands under the pinned ones', () => {
    const ids = [chat({ id: 'a', lastAt: '2' }), chat({ id: 'b', lastAt: '1', pinned: true }), chat({ id: 'c', lastAt: '3' })].sort(byPlace).map((one) => one.id)
    expect(ids).toEqual(['b', 'c', 'a'])
  })
  it('shows what others write from the queue on', () => {
    const queued = event('message.queued', { direction: 'out', status: 'queued' })
    expect(afterEvent(chat(), queued)).toMatchObject({ lastMessage: { id: '5', status: 'queued' } })
  })
  it('stays the same object where nothing of it shows', () => {
    const known = chat({ lastAt: '2026-11-27T11:00:00.000Z' })
    expect(afterEvent(known, event('message.received', {}))).toBe(known)
    expect(afterEvent(known, event('message.read', { id: 'other', status: 'read' }))).toBe(known)
  })
  it('leaves lists whose filter it does not meet any more', () => {
    expect(belongs(chat(), { view: 'open' }, '1')).toBe(true)
    expect(belongs(chat({ archived: true }), { view: 'open' }, '1')).toBe(false)
    expect(belongs(chat({ assigneeId: '1' }), { view: 'mine' }, '1')).toBe(true)
    expect(belongs(chat({ assigneeId: '2' }), { view: 'mine' }, '1')).toBe(false)
    expect(belongs(chat(), { view: 'unread' }, '1')).toBe(true)
  })
  it('is put aside, comes back, and is looked for among all', () => {
    const snoozed = afterChange(chat(), { status: 'open', snoozedUntil: '2036-01-01T09:00:00.000Z' })
    expect(snoozed).toMatchObject({ status: 'snoozed', snoozedUntil: '2036-01-01T09:00:00.000Z' })
    expect([belongs(snoozed, { view: 'open' }, '1'), belongs(snoozed, { view: 'snoozed' }, '1')]).toEqual([false, true])
    expect(belongs(snoozed, { view: 'open', search: 'asha' }, '1')).toBe(true)
    const done = afterChange(snoozed, { status: 'done', snoozedUntil: null })
    expect(done).toMatchObject({ status: 'done', snoozedUntil: null })
    expect(afterChange(done, undoOf(snoozed, { status: 'done', snoozedUntil: null }))).toEqual(snoozed)
    expect(afterChange(snoozed, undoOf(chat(), { status: 'open', snoozedUntil: 'x' }))).toEqual(chat())
    expect(belongs(chat({ assigneeId: '2' }), { view: 'unassigned' }, '1')).toBe(false)
  })
  it('belongs to the lists of its team', () => {
    const ours = chat({ departmentId: '3' })
    const shown = (departmentId: string) => belongs(ours, { view: 'open', departmentId }, '1')
    expect([shown('3'), shown('4'), shown('none'), shown('me')]).toEqual([true, false, false, true])
    expect(belongs(chat(), { view: 'open', departmentId: 'none' }, '1')).toBe(true)
    const given = afterChange(chat({ assigneeId: '2' }), { departmentId: '3', assigneeId: null })
    expect(given).toMatchObject({ departmentId: '3', assigneeId: null })
    expect(undoOf(chat({ assigneeId: '2' }), { departmentId: '3', assigneeId: null })).toEqual({ departmentId: null, assigneeId: '2' })
  })
  it('is found by a saved view as by the filters that were saved', () => {
    for (const view of CHAT_VIEWS) {
      const filters = { view, profileId: '3', kind: 'private' as const, tag: 'vip', search: undefined, assigneeId: undefined, departmentId: 'me' }
      expect(fromSaved(asSaved(filters))).toEqual(filters)
    }
    const filters = { view: 'unread' as const, assigneeId: '4', search: 'asha', profileId: undefined, kind: undefined, tag: undefined, departmentId: undefined }
    expect(fromSaved(asSaved(filters))).toEqual(filters)
    expect(fromSaved({ tag: 'vip', unanswered: true })).toMatchObject({ view: 'unanswered', tag: 'vip' })
  })
  it('is not shown by a view whose parts the list cannot show together', () => {
    expect(fromSaved({ unread: true, unanswered: true })).toBeNull()
    expect(fromSaved({ status: 'done', closing: true })).toBeNull()
    expect(fromSaved({ archived: 'all' })).toBeNull()
  })
  it('is asked for by the fields of the API', () => {
    expect(asQuery({ view: 'mine', search: '' }, '7')).toEqual({ archived: 'false', status: 'open', assigneeId: '7' })
    expect(asQuery({ view: 'unassigned', tag: 'vip' }, '7')).toEqual({ archived: 'false', status: 'open', assigneeId: 'none', tag: 'vip' })
    expect(asQuery({ view: 'open', departmentId: 'none' }, '7')).toEqual({ archived: 'false', status: 'open', departmentId: 'none' })
    expect(asQuery({ view: 'unanswered' }, '7')).toEqual({ archived: 'false', status: 'open', unanswered: true })
    expect(asQuery({ view: 'snoozed' }, '7')).toEqual({ archived: 'false', status: 'snoozed' })
    expect(asQuery({ view: 'unread', profileId: '2', kind: 'group' }, null)).toEqual({ archived: 'false', status: 'open', unread: true, profileId: '2', kind: 'group' })
  })
})

describe('canned replies', () => {
  const reply = (shortcut: string, text: string) => ({ id: shortcut, shortcut, text, media: [] })
  const replies = [reply('hours', 'We open at nine'), reply('hi', 'Hello'), reply('thanks', 'Thank you hi')]
  it('are found by their name first', () => {
    expect(match(replies, 'hi').map((one) => one.shortcut)).toEqual(['hi', 'thanks'])
    expect(match(replies, '').length).toBe(3)
  })
  it('are filled from the chat', () => {
    expect(personalise('Hi {first_name} ({name}), {agent}', chat(), 'Ayu')).toBe('Hi Asha (Asha Rao), Ayu')
  })
})

describe('values of a template', () => {
  const parameter = (place: 'header' | 'body' | 'button', kind: string, key: string) => ({ place, kind, key, example: null, label: '', card: null })
  it('become the fields of a send', () => {
    const parameters = [parameter('header', 'image', '0'), parameter('body', 'text', '1'), parameter('body', 'text', 'day'), parameter('button', 'url', '0'), parameter('button', 'copy_code', '1')]
    const values = { 'header:image:0': '7', 'body:text:1': 'a', 'body:text:day': 'b', 'button:url:0': 'c', 'button:copy_code:1': 'd' }
    expect(asContent(parameters, values)).toEqual({ mediaId: '7', body: ['a', { name: 'day', text: 'b' }], urls: ['c'], code: 'd' })
  })
  it('that cannot be typed are named', () => {
    expect(unsupported([parameter('body', 'text', '1'), parameter('button', 'flow', '0'), { ...parameter('body', 'text', '1'), card: 0 }])).toHaveLength(2)
  })
})
