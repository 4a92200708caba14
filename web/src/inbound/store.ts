/** What came in and could not be applied: kept raw, shown, tried again. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, type Pages } from '@/api/queries'
import type { InboundProblem } from '@/api/views'

const PAGE = 50
export const problemsKey = ['inbound-problems'] as const
export const REASONS = ['unreadable', 'not_understood', 'unknown_number', 'unknown_message', 'waits_for_original', 'not_applied', 'media_not_fetched'] as const
export const STATUSES = ['open', 'resolved', 'all'] as const
export const PROBLEM_FILTERS = ['status', 'reason', 'channel'] as const
export type ProblemFilters = Partial<Record<(typeof PROBLEM_FILTERS)[number], string>>

export function useProblems(filters: Ref<ProblemFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...problemsKey, filters.value]),
    queryFn: ({ pageParam, signal }) => askPage<InboundProblem>(api.GET('/inbound/problems', {
      params: { query: { status: filters.value.status ?? 'open', reason: filters.value.reason, profileId: filters.value.channel, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  return { query, problems: computed(() => flatten(query.data.value as Pages<InboundProblem> | undefined)) }
}

export function useProblem(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...problemsKey, 'one', id.value]),
    queryFn: () => ask<InboundProblem>(api.GET('/inbound/problems/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

/** Each throws ApiError. */
export function useProblemActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: problemsKey })
  return {
    replay: async (id: string) => {
      const tried = await ask<InboundProblem>(api.POST('/inbound/problems/{id}/replay', { params: { path: { id } } }))
      await again()
      return tried
    },
    /** All that are open and match, 500 at a time; gives how many were tried and applied. */
    replayAll: async ({ reason, channel }: ProblemFilters) => {
      const sum = { tried: 0, resolved: 0 }
      let cursor: string | null = null
      do {
        const done: { tried: number; resolved: number; cursor: string | null } = await ask(api.POST('/inbound/problems/replay', { body: { reason, profileId: channel, cursor } }))
        sum.tried += done.tried
        sum.resolved += done.resolved
        cursor = done.cursor
      } while (cursor !== null)
      await again()
      return sum
    },
  }
}

addLiveModule({
  events: ['inbound.problem'],
  take: (_events, queries) => { void queries.invalidateQueries({ queryKey: problemsKey }) },
})
