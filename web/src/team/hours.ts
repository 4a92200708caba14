/** Working hours of the workspace and of departments. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, toValue } from 'vue'
import { api, ask } from '@/api/client'
import type { Holiday, WeekDay, WorkingHours, WorkingSpan } from '@/api/views'

export const WEEK: readonly WeekDay[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
/** What is edited. */
export interface HoursDraft {
  timezone: string
  days: Record<WeekDay, WorkingSpan[]>
  holidays: Holiday[]
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Office hours to begin with. */
export function officeDraft(timezone: string): HoursDraft {
  const day = (): WorkingSpan[] => [{ start: '09:00', end: '17:00' }]
  return { timezone, days: { mon: day(), tue: day(), wed: day(), thu: day(), fri: day(), sat: [], sun: [] }, holidays: [] }
}
export const draftOf = ({ timezone, days, holidays }: WorkingHours): HoursDraft => copy({ timezone, days, holidays })

/** A span that goes on after the last of a day: an hour later, for as long as there is of the day, at most four hours. */
export function nextSpan(spans: readonly WorkingSpan[]): WorkingSpan {
  const last = spans.at(-1)
  if (last === undefined) return { start: '09:00', end: '17:00' }
  const hour = Math.min(Number(last.end.slice(0, 2)) + 1, 23)
  const at = (value: number) => `${String(value).padStart(2, '0')}:00`
  return { start: at(hour), end: at(Math.min(hour + 4, 24)) }
}
/** Whether a span ends on the day after. */
export const isOverMidnight = ({ start, end }: WorkingSpan) => start !== '' && end !== '' && end <= start && end !== '24:00'
/** Monday's hours on the other days until Friday too. */
export function likeMonday(days: HoursDraft['days']): HoursDraft['days'] {
  return { ...days, tue: copy(days.mon), wed: copy(days.mon), thu: copy(days.mon), fri: copy(days.mon) }
}

/** The hours that hold, of a department or (null) of the workspace. */
export function useHours(departmentId: MaybeRefOrGetter<string | null>) {
  const queries = useQueryClient()
  const path = () => ({ params: { path: { id: toValue(departmentId) ?? '' } } })
  const query = useQuery({
    queryKey: ['working-hours', () => toValue(departmentId)],
    queryFn: () => ask<WorkingHours>(toValue(departmentId) === null ? api.GET('/working-hours') : api.GET('/departments/{id}/working-hours', path())),
    staleTime: 0,
  })
  const reread = () => queries.invalidateQueries({ queryKey: ['working-hours'] })
  /** Both throw ApiError. */
  async function save(body: HoursDraft): Promise<void> {
    await ask(toValue(departmentId) === null ? api.PUT('/working-hours', { body }) : api.PUT('/departments/{id}/working-hours', { ...path(), body }))
    await reread()
  }
  async function clear(): Promise<void> {
    await ask(toValue(departmentId) === null ? api.DELETE('/working-hours') : api.DELETE('/departments/{id}/working-hours', path()))
    await reread()
  }
  return { query, save, clear }
}
