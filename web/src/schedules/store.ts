/** Messages that wait for their time: listed, the next first; made and cancelled. */
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, type Pages } from '@/api/queries'
import type { Message } from '@/api/views'

const PAGE = 50
export const schedulesKey = ['schedules'] as const

export function useSchedules(channel: Ref<string | undefined>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...schedulesKey, channel.value ?? null]),
    queryFn: ({ pageParam, signal }) => askPage<Message>(api.GET('/schedules', { params: { query: { profileId: channel.value, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  return { query, schedules: computed(() => flatten(query.data.value as Pages<Message> | undefined)) }
}

export interface ScheduleFields { profileId: string; to: string; text: string; scheduledAt: string }

/** Each throws ApiError. */
export function useScheduleActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: schedulesKey })
  return {
    create: async ({ profileId, to, text, scheduledAt }: ScheduleFields) => {
      await ask(api.POST('/schedules', { body: { profileId, to, type: 'text', text, scheduledAt } }))
      await again()
    },
    cancel: async (id: string) => {
      await ask(api.POST('/schedules/{id}/cancel', { params: { path: { id } } }))
      await again()
    },
  }
}

addLiveModule({
  events: ['message.sent', 'message.failed', 'message.cancelled'],
  take: (events, queries) => {
    const waiting = new Set(queries.getQueriesData<Pages<Message>>({ queryKey: schedulesKey }).flatMap(([, data]) => flatten(data).map((one) => one.id)))
    if (events.some((event) => waiting.has(String(event.data.id)))) void queries.invalidateQueries({ queryKey: schedulesKey })
  },
})
