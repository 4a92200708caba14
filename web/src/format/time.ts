/** Times as people say them, in the workspace's zone and the page's language. */
import { settings } from './settings'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()

function format(date: Date, options: Intl.DateTimeFormatOptions): string {
  const key = `${settings.locale}|${settings.timezone}|${JSON.stringify(options)}`
  let found = formats.get(key)
  if (found === undefined) {
    found = new Intl.DateTimeFormat(settings.locale, { ...options, timeZone: settings.timezone })
    formats.set(key, found)
  }
  return found.format(date)
}

/** The calendar day in the workspace's zone, as 2026-11-27. */
export function dayOf(time: Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: settings.timezone, year: 'numeric', month: '2-digit', day: '2-digit',
  })
  return parts.format(time)
}

/** 14:05 */
export function clock(iso: string): string {
  return format(new Date(iso), { hour: '2-digit', minute: '2-digit' })
}

/** 27 November 2026 at 14:05 UTC: for hovering. */
export function exact(iso: string): string {
  return format(new Date(iso), { dateStyle: 'long', timeStyle: 'short' })
}

/** Sat 09:00: for times within a week. */
export function soon(iso: string): string {
  return format(new Date(iso), { weekday: 'short', hour: '2-digit', minute: '2-digit' })
}

/** For lists: the time today, the weekday within a week, else the date. */
export function short(iso: string, now: Date = new Date()): string {
  const time = new Date(iso)
  if (dayOf(time) === dayOf(now)) return clock(iso)
  if (now.getTime() - time.getTime() < 6 * DAY) return format(time, { weekday: 'short' })
  if (time.getFullYear() === now.getFullYear()) return format(time, { day: 'numeric', month: 'short' })
  return format(time, { day: 'numeric', month: 'short', year: '2-digit' })
}

/** For day lines: null means today or yesterday, which the catalogue names. */
export function dayLine(iso: string, now: Date = new Date()): { today?: boolean; yesterday?: boolean; text: string } {
  const time = new Date(iso)
  const day = dayOf(time)
  const sameYear = time.getFullYear() === now.getFullYear()
  return {
    today: day === dayOf(now),
    yesterday: day === dayOf(new Date(now.getTime() - DAY)),
    text: format(time, { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }),
  }
}

/** Without the full stop of an abbreviation ("min."), which would stand before that of the sentence. */
const unended = (words: string) => words.replace(/\.$/, '')

/** "3 minutes ago", "in 2 hours"; within a day, else the date. */
export function relative(iso: string, now: Date = new Date()): string {
  const difference = new Date(iso).getTime() - now.getTime()
  const size = Math.abs(difference)
  if (size >= DAY) return format(new Date(iso), { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const words = new Intl.RelativeTimeFormat(settings.locale, { numeric: 'auto', style: 'short' })
  if (size < MINUTE) return unended(words.format(0, 'second'))
  return unended(size < HOUR ? words.format(Math.trunc(difference / MINUTE), 'minute') : words.format(Math.trunc(difference / HOUR), 'hour'))
}

/** What is left until a time, as "3 h 20 min" or "45 min"; null when it is past. */
export function left(iso: string, now: Date = new Date()): string | null {
  const rest = new Date(iso).getTime() - now.getTime()
  if (rest <= 0) return null
  const unit = (value: number, name: 'hour' | 'minute') =>
    new Intl.NumberFormat(settings.locale, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  const hours = Math.floor(rest / HOUR)
  const minutes = Math.floor((rest % HOUR) / MINUTE)
  if (hours === 0) return unit(Math.max(1, minutes), 'minute')
  return minutes === 0 || hours >= 10 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(minutes, 'minute')}`
}

/** How long something took, in one unit: 45 sec, 12 min, 3.5 hr, 4 days. */
export function lasting(seconds: number): string {
  const [value, unit] = seconds < 60 ? [seconds, 'second'] : seconds < 3600 ? [seconds / 60, 'minute'] : seconds < 172_800 ? [seconds / 3600, 'hour'] : [seconds / 86_400, 'day']
  return new Intl.NumberFormat(settings.locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: unit !== 'second' && value < 10 ? 1 : 0 }).format(value)
}

/** 1:05, for sounds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
