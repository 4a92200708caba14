/** What stands on the overview, worked out from what was read. Pure. */
import type { Message, MessageError, Profile } from '@/api/views'

export interface Cause { code: string; title: string; error: MessageError; count: number }

/** Failures by cause, the most frequent first. */
export function causes(messages: Message[]): Cause[] {
  const found = new Map<string, Cause>()
  for (const { error } of messages) {
    if (error === null) continue
    const known = found.get(error.code)
    if (known === undefined) found.set(error.code, { code: error.code, title: error.title ?? error.message, error, count: 1 })
    else known.count += 1
  }
  return [...found.values()].sort((one, other) => other.count - one.count)
}

/** Channels that need somebody first, then by name. */
export function byNeed(profiles: Profile[]): Profile[] {
  const rank = (one: Profile) => (one.status === 'connected' ? 1 : 0)
  return [...profiles].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name))
}
