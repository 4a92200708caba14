import { describe, expect, it } from 'vitest'
import { countries, timezones } from './places'

describe('places', () => {
  it('names the countries of the world, each once', () => {
    const all = countries()
    expect(all.length).toBeGreaterThan(220)
    expect(all.length).toBeLessThan(260)
    expect(all.find((one) => one.value === 'ID')?.label).toBe('Indonesia')
    expect(new Set(all.map((one) => one.label)).size).toBe(all.length)
    expect(all.map((one) => one.value)).not.toContain('DD')
    expect(all.map((one) => one.value)).not.toContain('UK')
  })
  it('names the time zones, UTC among them', () => {
    expect(timezones()).toContain('UTC')
    expect(timezones().length).toBeGreaterThan(300)
  })
})
