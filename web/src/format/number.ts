/** Numbers as people read them. */
import { isolate } from './direction'
import { settings } from './settings'

/** Exact below 10,000, compact above: 9,999, 12K. */
export function count(value: number): string {
  const options: Intl.NumberFormatOptions =
    Math.abs(value) < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 }
  return new Intl.NumberFormat(settings.locale, options).format(value)
}

export function exactCount(value: number): string {
  return new Intl.NumberFormat(settings.locale).format(value)
}

/** A share of 1 as a percentage: one decimal below 10 %. */
export function percent(share: number): string {
  const decimals = share !== 0 && Math.abs(share) < 0.1 ? 1 : 0
  return new Intl.NumberFormat(settings.locale, {
    style: 'percent', minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  }).format(share)
}

/** A file's size: 2.0 kB, 14 MB. */
export function bytes(size: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const power = size < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3))
  const value = size / 1000 ** power
  return isolate(new Intl.NumberFormat(settings.locale, {
    style: 'unit', unit: units[power], unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power > 0 && value < 10 ? 1 : 0,
  }).format(value))
}

/** A sum with its currency; the amount alone where the currency is not one. */
export function money(amount: number, currency: string): string {
  try {
    return new Intl.NumberFormat(settings.locale, { style: 'currency', currency }).format(amount)
  } catch {
    return `${exactCount(amount)} ${currency}`
  }
}
