/** Messages across all chats: found by filters, one by id, tried again or called off. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, mapItems, type Pages } from '@/api/queries'
import type { LiveEvent, Message, SendAnswer } from '@/api/views'
import { fromWall } from '@/format/zone'
import { applyEvent } from './model'

const PAGE = 50
export const FILTERS = ['status', 'channel', 'template', 'tag', 'direction', 'to', 'campaign', 'from', 'until'] as const
export type MessageFilters = Partial<Record<(typeof FILTERS)[number], string>>

/** The parameters of `GET /messages`. Days are those of the workspace, the last one included. */
export function asQuery(filters: MessageFilters): Record<string, string | undefined> {
  const day = (value: string | undefined, clock: string) => (value === undefined ? undefined : (fromWall(`${value}T${clock}`) ?? undefined))
  const { status, channel, template, tag, direction, to, campaign, from, until } = filters
  const end = day(until, '23:59')
  return {
    status, profileId: channel, template, tag, direction, to: to?.replace(/[\s()+-]/g, ''), campaignId: campaign, from: day(from, '00:00'),
    until: end === undefined ? undefined : new Date(Date.parse(end) + 60_000).toISOString(),
  }
}

/** Whether a message that failed may be sent once more. */
export function mayRetry(message: Message): boolean {
  return message.direction === 'out' && message.status === 'failed' && message.error?.retryable === true && message.content !== null && Boolean(message.to)
}

export const mayCancel = (message: Message): boolean => message.direction === 'out' && (message.status === 'queued' || message.status === 'scheduled')

export const ledgerKey = ['ledger'] as const

export function useLedger(filters: Ref<MessageFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...ledgerKey, filters.value]),
    queryFn: ({ pageParam, signal }) => askPage<Message>(api.GET('/messages', {
      params: { query: { ...asQuery(filters.value), limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } as never },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  return { query, messages: computed(() => flatten(query.data.value as Pages<Message> | undefined)) }
}

export function useMessage(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => ['message', id.value]),
    queryFn: () => ask<Message>(api.GET('/messages/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

/** Each throws ApiError. */
export function useMessageActions() {
  const queries = useQueryClient()
  const again = () => Promise.all([queries.invalidateQueries({ queryKey: ledgerKey }), queries.invalidateQueries({ queryKey: ['message'] })])
  return {
    retry: async (message: Message) => {
      const { type, ...content } = message.content ?? { type: message.type }
      const body = { profileId: message.profileId, to: message.to, type, content, ...(message.category ? { category: message.category } : {}), ...(message.tag ? { tag: message.tag } : {}) }
      const sent = await ask<SendAnswer>(api.POST('/messages', { body: body as never }))
      await again()
      return sent
    },
    cancel: async (id: string) => {
      await ask(api.POST('/messages/{id}/cancel', { params: { path: { id } } }))
      await again()
    },
  }
}

// -- live ------------------------------------------------------------------------------------------------

let soon: ReturnType<typeof setTimeout> | undefined

addLiveModule({
  events: ['message.*'],
  take: (events: LiveEvent[], queries) => {
    let fresh = false
    for (const [key, data] of queries.getQueriesData<Pages<Message>>({ queryKey: ledgerKey })) {
      if (data === undefined) continue
      const known = new Set(flatten(data).map((one) => one.id))
      fresh ||= events.some((event) => !known.has(String(event.data.id)))
      queries.setQueryData(key, mapItems(data, (one) => events.filter((event) => String(event.data.id) === one.id).reduce(applyEvent, one)))
    }
    // Those that are new are read together, not one by one.
    if (fresh) {
      soon ??= setTimeout(() => {
        soon = undefined
        void queries.invalidateQueries({ queryKey: ledgerKey })
      }, 1_500)
    }
  },
})
