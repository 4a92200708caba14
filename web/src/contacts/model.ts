/** Filters over contacts: from the address to the call, and to the filter that segments and bulk actions take. */
import type { Contact } from '@/api/views'

export const FILTERS = ['q', 'tag', 'list', 'segment', 'consent', 'blocked', 'sort'] as const
export type ContactFilters = Partial<Record<(typeof FILTERS)[number], string>>

/** Contacts that are chosen one by one, or all of a filter. */
export interface Target {
  ids: string[]
  filter?: Record<string, unknown>
}

const flag = (value: string | undefined) => (value === 'yes' ? true : value === 'no' ? false : undefined)

/** The parameters of `GET /contacts`. */
export function asQuery(filters: ContactFilters): Record<string, unknown> {
  const query = {
    q: filters.q, tag: filters.tag === undefined ? undefined : [filters.tag], list: filters.list === undefined ? undefined : [filters.list],
    segment: filters.segment, optin: flag(filters.consent), blocked: flag(filters.blocked), sort: filters.sort,
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

/** The same as a filter, for segments and bulk actions; null where a filter cannot say it (a search). */
export function asFilter(filters: ContactFilters, segment?: Record<string, unknown>): Record<string, unknown> | null {
  if (filters.q !== undefined || (filters.segment !== undefined && segment === undefined)) return null
  const filter: Record<string, unknown> = { ...segment }
  if (filters.tag !== undefined) filter.tags = [filters.tag]
  if (filters.list !== undefined) filter.lists = [filters.list]
  const optin = flag(filters.consent)
  const blocked = flag(filters.blocked)
  if (optin !== undefined) filter.optin = optin
  if (blocked !== undefined) filter.blocked = blocked
  return filter
}

/** The order after a press on a column's head: upwards, downwards, and the newest first again. */
export function nextSort(now: string | undefined, column: 'name' | 'createdAt' | 'lastSeenAt'): string | undefined {
  if (column === 'name') return now === 'name' ? '-name' : now === '-name' ? undefined : 'name'
  return now === `-${column}` || (now === undefined && column === 'createdAt') ? column : now === column ? undefined : `-${column}`
}

export const nameOf = (contact: Contact): string => contact.name || contact.phone || contact.email || contact.identities[0]?.value || `#${contact.id}`

export interface PreviewColumn {
  index: number
  title: string
  field: string | null
  name: string | null
  samples: string[]
}

export interface FilePreview {
  encoding: string | null
  sheet: string | null
  sheets: string[]
  hasHeader: boolean
  columns: PreviewColumn[]
  rows: number
  complete: boolean
  contacts: number
  countries: Record<string, number>
  refusedTotal: number
  refused: RefusedRow[]
  first: { line: number; name: string; phones: string[] }[]
}

export interface RefusedRow {
  line: number
  value: string
  code: string
  reason: string
}

export interface ImportReport {
  created: number
  merged: number
  skipped: number
  rows: number
  refused: RefusedRow[]
  refusedTotal: number
  droppedTotal: number
}

export const MAPPED = ['phone', 'name', 'first_name', 'last_name', 'email', 'tags', 'optin'] as const
export type Mapping = Partial<Record<(typeof MAPPED)[number], string>>

/** What was mapped by hand, as the API takes it; undefined where everything is as it was guessed. */
export function mappingJson(mapping: Mapping): string | undefined {
  const given = Object.entries(mapping).filter(([, column]) => column !== '')
  return given.length === 0 ? undefined : JSON.stringify(Object.fromEntries(given))
}

/** The rows that were refused as a file to be put right: what a spreadsheet would take for a formula is quoted. */
export function refusedCsv(rows: RefusedRow[]): string {
  const cell = (value: string | number) => `"${(/^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value)).replaceAll('"', '""')}"`
  return ['line,value,code,reason', ...rows.map((row) => [row.line, row.value, row.code, row.reason].map(cell).join(','))].join('\r\n')
}
