/** The audit log: who did what, and from where; newest first. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, askPage } from '@/api/client'
import { download } from '@/api/download'
import { flatten, type Pages } from '@/api/queries'
import { fromWall } from '@/format/zone'

export interface AuditEntry {
  id: string
  actor: string
  action: string
  target: string | null
  ip: string | null
  data: Record<string, unknown> | null
  createdAt: string | null
}

const PAGE = 50
export const FILTERS = ['action', 'actor', 'target', 'from', 'until'] as const
export type AuditFilters = Partial<Record<(typeof FILTERS)[number], string>>

/** The parameters of `GET /audit`. Days are those of the workspace, the last one included. */
export function asQuery({ action, actor, target, from, until }: AuditFilters): Record<string, string | undefined> {
  const start = from === undefined ? undefined : (fromWall(`${from}T00:00`) ?? undefined)
  const last = until === undefined ? null : fromWall(`${until}T23:59`)
  return { action, actor, target, from: start, until: last === null ? undefined : new Date(Date.parse(last) + 60_000).toISOString() }
}

export function useAudit(filters: Ref<AuditFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['audit', filters.value]),
    queryFn: ({ pageParam, signal }) => askPage<AuditEntry>(api.GET('/audit', {
      params: { query: { ...asQuery(filters.value), limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
    // Entries are made all the time and no event tells of them.
    staleTime: 0,
    retry: false,
  })
  return { query, entries: computed(() => flatten(query.data.value as Pages<AuditEntry> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

/** All that match, as CSV. Throws ApiError. */
export function exportAudit(filters: AuditFilters): Promise<void> {
  const given = Object.entries(asQuery(filters)).filter((one): one is [string, string] => one[1] !== undefined)
  const query = new URLSearchParams(given).toString()
  return download(`/audit/export${query === '' ? '' : `?${query}`}`, 'audit.csv')
}
