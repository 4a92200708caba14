/** Which events a webhook hears, as a choice of families and single events. Pure. */

export interface Family { name: string; events: string[] }

/** Events by what stands before the dot, in the order in which they come. `*` and families are left out. */
export function families(events: string[]): Family[] {
  const found = new Map<string, string[]>()
  for (const event of events) {
    if (event.includes('*')) continue
    const name = event.split('.')[0] ?? event
    found.set(name, [...(found.get(name) ?? []), event])
  }
  return [...found].map(([name, list]) => ({ name, events: list }))
}

/** Whether a list of subscriptions (`*`, `message.*`, names) has an event. */
export function hears(subscribed: string[], event: string): boolean {
  const family = `${event.split('.')[0] ?? ''}.*`
  return subscribed.some((one) => one === '*' || one === event || one === family)
}

/** A family switched on or off as a whole. */
export function toggleFamily(subscribed: string[], family: Family, on: boolean): string[] {
  const rest = subscribed.filter((one) => one !== `${family.name}.*` && !family.events.includes(one))
  return on ? [...rest, `${family.name}.*`] : rest
}

/** One event switched on or off; a whole family becomes its other members. */
export function toggleEvent(subscribed: string[], family: Family, event: string, on: boolean): string[] {
  const wanted = family.events.filter((one) => (one === event ? on : hears(subscribed, one)))
  const rest = subscribed.filter((one) => one !== `${family.name}.*` && !family.events.includes(one))
  if (wanted.length === family.events.length) return [...rest, `${family.name}.*`]
  return [...rest, ...wanted]
}

/** Subscriptions in short: whole families by their star, all of them by one. */
export function shorten(subscribed: string[], all: Family[]): string[] {
  if (subscribed.includes('*')) return ['*']
  const whole = all.filter((family) => family.events.every((one) => hears(subscribed, one)))
  return [...whole.map((family) => `${family.name}.*`), ...subscribed.filter((one) => !whole.some((family) => one === `${family.name}.*` || family.events.includes(one)))]
}

/** JSON with indents; what is no JSON stays as it is. */
export function pretty(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 2)
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    return value
  }
}
