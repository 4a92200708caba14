/** Addresses of networks, for people. */
import { settings } from './settings'

/**
 * `628123456789@c.us` or `628123456789` as `+62 8123 456 789`; anything else as it is. Among text from right to left it is
 * held together by signs that are not seen: the plus would else stand at the other end.
 */
export function phone(address: string): string {
  const bare = address.split('@')[0] ?? ''
  if (!/^\d{7,15}$/.test(bare)) return address
  const country = countryLength(bare)
  const rest = bare.slice(country)
  const groups = rest.match(/.{1,4}(?=(?:.{3,4})*$)|.{1,4}/g) ?? [rest]
  const shown = `+${bare.slice(0, country)} ${groups.join(' ')}`
  return settings.direction === 'rtl' ? `\u2066${shown}\u2069` : shown
}

/** Countries whose code has one or two digits; all others have three (ITU-T E.164, list of assigned codes). */
const SHORT = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

function countryLength(digits: string): number {
  const found = SHORT.exec(digits)
  return found === null ? 3 : found[0].length
}
