/** Wall times of the workspace's zone, as `<input type="datetime-local">` has them: 2026-11-27T14:05. */
import { settings } from './settings'

function wallMs(time: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(new Date(time))
  const of = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
}

/** The moment of a wall time as ISO 8601; null for what is no time. */
export function fromWall(wall: string, timezone: string = settings.timezone): string | null {
  // Date.parse reads nearly anything as some time.
  if (!/^\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(wall)) return null
  const wanted = Date.parse(`${wall.slice(0, wall.lastIndexOf('T') + 6)}:00Z`)
  if (Number.isNaN(wanted)) return null
  // Twice, because the offset at the first guess may be that of the other side of a clock change.
  let time = wanted
  for (let round = 0; round < 2; round += 1) time += wanted - wallMs(time, timezone)
  return new Date(time).toISOString()
}

/** The moment of a wall time that is still to come; null for what is past or no time. */
export function toCome(wall: string): string | null {
  const time = fromWall(wall)
  return time !== null && Date.parse(time) > Date.now() ? time : null
}

/** The wall time of a moment, to the minute. */
export function toWall(iso: string, timezone: string = settings.timezone): string {
  const time = Math.floor(Date.parse(iso) / 1000) * 1000
  return new Date(wallMs(time, timezone)).toISOString().slice(0, 16)
}
