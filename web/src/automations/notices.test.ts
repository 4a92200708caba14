import { describe, expect, it } from 'vitest'
import type { LiveEvent } from '@/api/views'
import { noticesFor } from './notices'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const event = (memberIds: string[], timestamp = '2026-11-29T11:59:00Z') =>
  ({ type: 'automation.notified', timestamp, data: { id: '1', name: 'Big orders', text: 'Call back', memberIds, contactId: '3', contactName: 'Ann', chatId: '4' } }) as unknown as LiveEvent

describe('what an automation tells', () => {
  it('is for those whom it names, and for everybody where it names nobody', () => {
    expect(noticesFor([event(['7']), event([]), event(['8', '9'])], '8', NOW).map((one) => one.memberIds)).toEqual([[], ['8', '9']])
    expect(noticesFor([event(['7']), event([])], null, NOW)).toHaveLength(1)
  })

  it('is not said when it is old', () => {
    expect(noticesFor([event([], '2026-11-29T11:40:00Z')], '8', NOW)).toEqual([])
  })
})
