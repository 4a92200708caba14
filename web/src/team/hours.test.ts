import { describe, expect, it } from 'vitest'
import { isOverMidnight, likeMonday, nextSpan, officeDraft } from './hours'

describe('working hours as they are edited', () => {
  it('offers a span after the last one', () => {
    expect(nextSpan([])).toEqual({ start: '09:00', end: '17:00' })
    expect(nextSpan([{ start: '09:00', end: '12:30' }])).toEqual({ start: '13:00', end: '17:00' })
    expect(nextSpan([{ start: '09:00', end: '21:00' }])).toEqual({ start: '22:00', end: '24:00' })
  })
  it('tells what ends on the next day', () => {
    expect(isOverMidnight({ start: '18:00', end: '02:00' })).toBe(true)
    expect(isOverMidnight({ start: '18:00', end: '24:00' })).toBe(false)
    expect(isOverMidnight({ start: '09:00', end: '17:00' })).toBe(false)
    expect(isOverMidnight({ start: '09:00', end: '' })).toBe(false)
  })
  it('gives the other days Monday’s hours, each its own', () => {
    const { days } = officeDraft('UTC')
    const copied = likeMonday({ ...days, mon: [{ start: '10:00', end: '12:00' }] })
    expect(copied.fri).toEqual([{ start: '10:00', end: '12:00' }])
    expect(copied.fri[0]).not.toBe(copied.tue[0])
    expect(copied.sat).toEqual([])
  })
})
