import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '@/api/views'
import { settings } from '@/format/settings'
import { asQuery, mayCancel, mayRetry } from './monitoring'

const message = (fields: Partial<Message>): Message => ({
  id: '1', profileId: '1', direction: 'out', chatId: '628@c.us', from: null, to: '628', type: 'text', text: 'hi', content: { type: 'text', text: 'hi' }, status: 'failed',
  campaignId: null, template: null, source: null, replyTo: null, providerId: null, createdAt: '', timestamp: '', scheduledAt: null, sentAt: null,
  deliveredAt: null, readAt: null, failedAt: null, editedAt: null, deletedAt: null, error: { code: '1', message: 'no', retryable: true }, ...fields,
})

describe('filters of messages', () => {
  const before = settings.timezone
  beforeEach(() => { settings.timezone = 'Asia/Jakarta' })
  afterEach(() => { settings.timezone = before })

  it('take days of the workspace, the last one included', () => {
    expect(asQuery({ from: '2026-11-27', until: '2026-11-27' })).toMatchObject({ from: '2026-11-26T17:00:00.000Z', until: '2026-11-27T17:00:00.000Z' })
  })
  it('take numbers as people write them', () => {
    expect(asQuery({ to: '+62 812-3456 (789)', channel: '2' })).toMatchObject({ to: '628123456789', profileId: '2' })
  })
})

describe('a message', () => {
  it('may be sent again where that helps', () => {
    expect(mayRetry(message({}))).toBe(true)
    expect(mayRetry(message({ error: { code: '1', message: 'no', retryable: false } }))).toBe(false)
    expect(mayRetry(message({ status: 'sent' }))).toBe(false)
    expect(mayRetry(message({ content: null }))).toBe(false)
  })
  it('may be called off while it waits', () => {
    expect(mayCancel(message({ status: 'scheduled' }))).toBe(true)
    expect(mayCancel(message({ status: 'sent' }))).toBe(false)
    expect(mayCancel(message({ status: 'queued', direction: 'in' }))).toBe(false)
  })
})
