/** Times at which one comes back to something, in the workspace's zone. */
import { settings } from './settings'
import { fromWall, toWall } from './zone'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** When people start to work, where nothing else is known. */
const MORNING = '09:00'

export type LaterKey = 'hours' | 'tomorrow' | 'monday'

/** In three hours, tomorrow morning, on Monday morning; each as ISO 8601. */
export function laterTimes(now: Date = new Date(), timezone: string = settings.timezone): { key: LaterKey; at: string }[] {
  const today = Date.parse(`${toWall(now.toISOString(), timezone).slice(0, 10)}T00:00:00Z`)
  const morning = (days: number) => fromWall(`${new Date(today + days * DAY).toISOString().slice(0, 10)}T${MORNING}`, timezone) ?? ''
  const toMonday = (8 - new Date(today).getUTCDay()) % 7 || 7
  const times: { key: LaterKey; at: string }[] = [
    { key: 'hours', at: new Date(Math.ceil((now.getTime() + 3 * HOUR) / (HOUR / 4)) * (HOUR / 4)).toISOString() },
    { key: 'tomorrow', at: morning(1) },
  ]
  // On Sundays tomorrow is Monday.
  return toMonday === 1 ? times : [...times, { key: 'monday', at: morning(toMonday) }]
}
