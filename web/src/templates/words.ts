/** How a template's state and quality look, with their words. */
import { text, type TextKey } from '@/i18n'
import { CATEGORIES, QUALITIES, STATUSES } from './model'

export interface Look { icon: string; colour: string; label: string }

const STATE_LOOKS: Record<string, { icon: string; colour: string }> = {
  APPROVED: { icon: 'i-lucide-circle-check', colour: 'text-[var(--state-delivered)]' },
  PENDING: { icon: 'i-lucide-clock', colour: 'text-[var(--state-queued)]' },
  REJECTED: { icon: 'i-lucide-circle-x', colour: 'text-[var(--state-failed)]' },
  PAUSED: { icon: 'i-lucide-circle-pause', colour: 'text-[var(--state-skipped)]' },
  DISABLED: { icon: 'i-lucide-ban', colour: 'text-[var(--state-failed)]' },
}
const QUALITY_LOOKS: Record<string, { icon: string; colour: string }> = {
  GREEN: { icon: 'i-lucide-signal-high', colour: 'text-[var(--state-delivered)]' },
  YELLOW: { icon: 'i-lucide-signal-medium', colour: 'text-[var(--state-skipped)]' },
  RED: { icon: 'i-lucide-signal-low', colour: 'text-[var(--state-failed)]' },
}
const PLAIN = { icon: 'i-lucide-circle-help', colour: 'text-muted' }
const among = (known: readonly string[], value: string) => known.includes(value)
const capital = (value: string) => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase().replaceAll('_', ' ')

/** A word of the provider's that the catalogue does not have is shown as it is. */
const word = (known: readonly string[], family: string, value: string) => (among(known, value) ? text(`templates.${family}.${value}` as TextKey) : capital(value))

export const statusLook = (status: string): Look => ({ ...(STATE_LOOKS[status] ?? PLAIN), label: word(STATUSES, 'statuses', status) })
export const qualityLook = (quality: string): Look => ({ ...(QUALITY_LOOKS[quality] ?? PLAIN), label: word(QUALITIES, 'qualities', quality) })
export const categoryWord = (category: string): string => word(CATEGORIES, 'categories', category)
