import { describe, expect, it } from 'vitest'
import { fromForm, toForm } from './pacing'

describe('the form of pacing', () => {
  it('shows what is set, and empty fields for what is not', () => {
    const form = toForm({ rate: 0.5, delayMs: [1000, 5000], quietHours: { start: '21:00', end: '08:00', timezone: 'Asia/Jakarta' } }, 'UTC')
    expect(form).toMatchObject({ rate: '0.5', dailyCap: '', least: '1000', most: '5000', quietStart: '21:00', quietZone: 'Asia/Jakarta' })
    expect(toForm(null, 'Asia/Jakarta').quietZone).toBe('Asia/Jakarta')
  })
  it('gives back what it was made of, and keeps what it does not show', () => {
    const pacing = { rate: 2, dailyCap: 100, budgetGroup: 'shop', delayMs: [1, 2] as [number, number] }
    expect(fromForm(toForm(pacing, 'UTC'), pacing)).toEqual(pacing)
  })
  it('takes numbers, which inputs of that type give', () => {
    const form = { ...toForm(null, 'UTC'), dailyCap: 250 as unknown as string }
    expect(fromForm(form, null)).toEqual({ dailyCap: 250 })
  })
  it('takes out what was emptied, and fills one end of a pause by the other', () => {
    const form = { ...toForm({ rate: 2, quietHours: { start: '21:00', end: '08:00', timezone: 'UTC' } }, 'UTC'), rate: '', most: '900', quietEnd: '' }
    expect(fromForm(form, { rate: 2 })).toEqual({ delayMs: [900, 900] })
  })
})
