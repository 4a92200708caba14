import { beforeEach, describe, expect, it } from 'vitest'
import { settings } from './settings'
import { clock, dayLine, dayOf, duration, exact, lasting, left, relative, short } from './time'

beforeEach(() => {
  settings.locale = 'en-GB'
  settings.timezone = 'Asia/Jakarta'
})
const now = new Date('2026-11-27T16:30:00Z')

describe('times', () => {
  it('are in the zone of the workspace', () => {
    expect(clock('2026-11-27T16:30:00Z')).toBe('23:30')
    expect(dayOf(new Date('2026-11-27T17:30:00Z'))).toBe('2026-11-28')
    settings.timezone = 'America/Sao_Paulo'
    expect(clock('2026-11-27T16:30:00Z')).toBe('13:30')
    expect(exact('2026-11-27T16:30:00Z')).toBe('27 November 2026 at 13:30')
  })

  it('are short in lists: the time today, the weekday this week, else the date', () => {
    expect(short('2026-11-27T01:00:00Z', now)).toBe('08:00')
    expect(short('2026-11-26T10:00:00Z', now)).toBe('Thu')
    expect(short('2026-10-01T10:00:00Z', now)).toBe('1 Oct')
    expect(short('2025-10-01T10:00:00Z', now)).toBe('1 Oct 25')
  })

  it('have day lines that the catalogue names for today and yesterday', () => {
    expect(dayLine('2026-11-27T01:00:00Z', now)).toMatchObject({ today: true, yesterday: false })
    expect(dayLine('2026-11-25T18:00:00Z', now)).toMatchObject({ today: false, yesterday: true })
    expect(dayLine('2026-11-20T01:00:00Z', now).text).toBe('Friday 20 November')
  })

  it('are relative within a day', () => {
    expect(relative('2026-11-27T16:27:00Z', now)).toBe('3 min ago')
    expect(relative('2026-11-27T18:30:00Z', now)).toBe('in 2 hr')
    expect(relative('2026-12-01T02:00:00Z', now)).toBe('1 Dec, 09:00')
  })

  it('count down to the end of the window', () => {
    expect(left('2026-11-27T19:50:00Z', now)).toBe('3 hrs 20 mins')
    expect(left('2026-11-27T16:30:20Z', now)).toBe('1 min')
    expect(left('2026-11-27T16:30:00Z', now)).toBeNull()
  })

  it('tell how long something took', () => {
    expect([0.4, 45, 90, 720, 12_600, 345_600].map(lasting)).toEqual(['0 secs', '45 secs', '1.5 mins', '12 mins', '3.5 hrs', '4 days'])
  })

  it('are minutes and seconds for sounds', () => {
    expect(duration(65.4)).toBe('1:05')
    expect(duration(-1)).toBe('0:00')
  })
})
