import { describe, expect, it } from 'vitest'
import { everyDay, spanStart, type UsageRow } from './model'

const now = new Date('2026-11-27T18:30:00Z')
const row = (fields: Partial<UsageRow>): UsageRow => ({ key: '2026-11-26', name: null, total: 3, received: 1, sent: 2, delivered: 2, read: 1, failed: 0, skipped: 0, pending: 0, ...fields })

describe('a report', () => {
  it('begins at the first of its days', () => {
    expect(spanStart(1, now)).toBe('2026-11-27T00:00:00.000Z')
    expect(spanStart(7, now)).toBe('2026-11-21T00:00:00.000Z')
  })
  it('has every day, in order', () => {
    expect(everyDay([row({})], 3, now).map((one) => [one.key, one.sent])).toEqual([['2026-11-25', 0], ['2026-11-26', 2], ['2026-11-27', 0]])
  })
})
