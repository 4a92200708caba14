/** Calls that came in, and how a channel answers them. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, type Pages } from '@/api/queries'
import type { Call } from '@/api/views'

const PAGE = 50
export const STATUSES = ['ringing', 'rejected', 'missed', 'ended'] as const
export const FILTERS = ['status', 'channel', 'from'] as const
export type CallFilters = Partial<Record<(typeof FILTERS)[number], string>>
export interface CallSettings { profileId: string; autoReject: boolean; message: string | null }
export const callsKey = ['calls'] as const

export function useCalls(filters: Ref<CallFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...callsKey, 'list', filters.value]),
    queryFn: ({ pageParam, signal }) => {
      const { status, channel, from } = filters.value
      return askPage<Call>(api.GET('/calls', { params: { query: { status, profileId: channel, from: from?.replace(/[\s()+-]/g, ''), limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  return { query, calls: computed(() => flatten(query.data.value as Pages<Call> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

export function useCallSettings(profileId: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...callsKey, 'settings', profileId.value]),
    queryFn: () => ask<CallSettings>(api.GET('/calls/settings', { params: { query: { profileId: profileId.value } } })),
    enabled: () => profileId.value !== '',
    retry: false,
  })
}

/** Each throws ApiError. */
export function useCallActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: callsKey })
  return {
    reject: async (id: string) => {
      await ask(api.POST('/calls/{id}/reject', { params: { path: { id } }, body: {} }))
      await again()
    },
    choose: async (settings: CallSettings) => {
      await ask(api.PUT('/calls/settings', { body: settings }))
      await again()
    },
  }
}

addLiveModule({
  events: ['call.*'],
  take: (_events, queries) => { void queries.invalidateQueries({ queryKey: [...callsKey, 'list'] }) },
})
