import { describe, expect, it, vi } from 'vitest'
import type { LiveEvent } from '@/api/views'

vi.mock('@/router', () => ({ router: { push: vi.fn() } }))
const { newsOf } = await import('./notify')

const NOW = Date.parse('2026-11-27T12:00:00Z')
const event = (id: string, data: object, timestamp = '2026-11-27T11:59:50Z'): LiveEvent =>
  ({ id, cursor: id, event: 'message.received', profileId: '1', timestamp, data: { chatId: 'a@c.us', fromMe: false, direction: 'in', ...data } })

describe('what one is notified of', () => {
  it('is the latest message of each chat', () => {
    const found = newsOf([event('1', {}), event('2', { chatId: 'b@c.us' }), event('3', {})], NOW)
    expect(found.map((one) => one.id)).toEqual(['3', '2'])
  })
  it('is nothing of one’s own, and nothing that was missed long ago', () => {
    const events = [event('1', { fromMe: true }), event('2', { direction: 'out' }), event('3', {}, '2026-11-27T11:00:00Z')]
    expect(newsOf(events, NOW)).toEqual([])
  })
})
