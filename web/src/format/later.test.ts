import { describe, expect, it } from 'vitest'
import { laterTimes } from './later'

const at = (now: string, timezone: string) => Object.fromEntries(laterTimes(new Date(now), timezone).map((one) => [one.key, one.at]))

describe('times to come back at', () => {
  it('are of the zone', () => {
    // Friday evening in Jakarta, which is UTC+7.
    expect(at('2026-11-27T14:05:00Z', 'Asia/Jakarta')).toEqual({
      hours: '2026-11-27T17:15:00.000Z', tomorrow: '2026-11-28T02:00:00.000Z', monday: '2026-11-30T02:00:00.000Z',
    })
    // Already Saturday there.
    expect(at('2026-11-27T18:00:00Z', 'Asia/Jakarta')).toMatchObject({ tomorrow: '2026-11-29T02:00:00.000Z', monday: '2026-11-30T02:00:00.000Z' })
  })
  it('name Monday once', () => {
    expect(at('2026-11-29T10:00:00Z', 'UTC')).toEqual({ hours: '2026-11-29T13:00:00.000Z', tomorrow: '2026-11-30T09:00:00.000Z' })
    expect(at('2026-11-30T10:00:00Z', 'UTC')).toMatchObject({ monday: '2026-12-07T09:00:00.000Z' })
  })
  it('stay nine in the morning over a change of the clocks', () => {
    expect(at('2026-03-28T10:00:00Z', 'Europe/Berlin')).toMatchObject({ tomorrow: '2026-03-29T07:00:00.000Z' })
  })
})
