/** How each state of a message looks, everywhere: an icon and a colour, and its word from the catalogue. */

export interface StateLook {
  icon: string
  colour: string
}

const LOOKS: Record<string, StateLook> = {
  queued: { icon: 'i-lucide-clock', colour: 'text-[var(--state-queued)]' },
  scheduled: { icon: 'i-lucide-calendar-clock', colour: 'text-[var(--state-queued)]' },
  sending: { icon: 'i-lucide-clock', colour: 'text-[var(--state-queued)]' },
  sent: { icon: 'i-lucide-check', colour: 'text-[var(--state-sent)]' },
  delivered: { icon: 'i-lucide-check-check', colour: 'text-[var(--state-delivered)]' },
  read: { icon: 'i-lucide-check-check', colour: 'text-[var(--state-read)]' },
  replied: { icon: 'i-lucide-reply', colour: 'text-[var(--state-replied)]' },
  failed: { icon: 'i-lucide-circle-alert', colour: 'text-[var(--state-failed)]' },
  uncertain: { icon: 'i-lucide-circle-help', colour: 'text-[var(--state-uncertain)]' },
  cancelled: { icon: 'i-lucide-ban', colour: 'text-[var(--state-skipped)]' },
  skipped: { icon: 'i-lucide-skip-forward', colour: 'text-[var(--state-skipped)]' },
  held: { icon: 'i-lucide-hand', colour: 'text-[var(--state-skipped)]' },
  received: { icon: 'i-lucide-arrow-down-left', colour: 'text-[var(--state-queued)]' },
}

const UNKNOWN: StateLook = { icon: 'i-lucide-circle-help', colour: 'text-[var(--state-queued)]' }

export function lookOf(state: string): StateLook {
  return LOOKS[state] ?? UNKNOWN
}

export const MESSAGE_STATES = Object.keys(LOOKS) as (keyof typeof LOOKS)[]
