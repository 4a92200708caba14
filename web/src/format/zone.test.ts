import { afterEach, describe, expect, it, vi } from 'vitest'
import { settings } from './settings'
import { fromWall, toCome, toWall } from './zone'

afterEach(() => { vi.useRealTimers(); settings.timezone = 'UTC' })

describe('wall times', () => {
  it('are those of the zone, in winter and in summer', () => {
    expect(fromWall('2026-11-27T14:05', 'Asia/Jakarta')).toBe('2026-11-27T07:05:00.000Z')
    expect(fromWall('2026-01-10T09:00', 'Europe/Berlin')).toBe('2026-01-10T08:00:00.000Z')
    expect(fromWall('2026-07-10T09:00', 'Europe/Berlin')).toBe('2026-07-10T07:00:00.000Z')
  })
  it('are right on the day on which the clocks change', () => {
    expect(fromWall('2026-03-29T03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
    expect(fromWall('2026-03-29T01:30', 'Europe/Berlin')).toBe('2026-03-29T00:30:00.000Z')
  })
  it('come back as they were', () => {
    expect(toWall('2026-11-27T07:05:30.500Z', 'Asia/Jakarta')).toBe('2026-11-27T14:05')
    expect(fromWall('nonsense', 'UTC')).toBeNull()
    expect(fromWall('', 'UTC')).toBeNull()
  })
  it('are still to come or not by the zone of the workspace', () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-27T07:00:00Z') })
    expect(toCome('2026-11-27T07:00')).toBeNull()
    expect(toCome('2026-11-27T07:01')).toBe('2026-11-27T07:01:00.000Z')
    settings.timezone = 'Asia/Jakarta'
    expect(toCome('2026-11-27T13:59')).toBeNull()
    expect(toCome('2026-11-27T14:01')).toBe('2026-11-27T07:01:00.000Z')
    expect(toCome('')).toBeNull()
  })
})
