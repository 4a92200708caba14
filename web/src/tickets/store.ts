/** Tickets: found by state, priority and person; answered, changed, deleted. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, type Pages } from '@/api/queries'
import type { Department, Ticket, TicketReply } from '@/api/views'

const PAGE = 50
export const STATUSES = ['open', 'pending', 'answered', 'closed'] as const
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const
export const FILTERS = ['status', 'priority', 'assignee', 'q'] as const
export type TicketFilters = Partial<Record<(typeof FILTERS)[number], string>>
export type TicketFields = Partial<Pick<Ticket, 'subject' | 'body' | 'status' | 'priority' | 'departmentId' | 'assigneeId'>>

export const ticketsKey = ['tickets'] as const

export function useTickets(filters: Ref<TicketFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...ticketsKey, 'list', filters.value]),
    queryFn: ({ pageParam, signal }) => {
      const { status, priority, assignee, q } = filters.value
      return askPage<Ticket>(api.GET('/tickets', {
        params: { query: { ...(status === undefined ? {} : { status: [status] }), ...(priority === undefined ? {} : { priority: [priority] }), assigneeId: assignee, search: q, limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } },
        signal,
      }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  return { query, tickets: computed(() => flatten(query.data.value as Pages<Ticket> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

export function useTicket(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...ticketsKey, 'one', id.value]),
    queryFn: () => ask<Ticket>(api.GET('/tickets/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

export function useReplies(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...ticketsKey, 'replies', id.value]),
    queryFn: async () => (await askPage<TicketReply>(api.GET('/tickets/{id}/replies', { params: { path: { id: id.value }, query: { limit: 200 } } }))).items,
    enabled: () => id.value !== '',
    retry: false,
  })
}

export function useDepartments() {
  const query = useQuery({ queryKey: ['departments'], queryFn: () => ask<Department[]>(api.GET('/departments')), retry: false })
  return { departments: computed(() => query.data.value ?? []), nameOf: (id: string | null) => query.data.value?.find((one) => one.id === id)?.name ?? null }
}

/** Each throws ApiError. */
export function useTicketActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: ticketsKey })
  return {
    create: async (fields: TicketFields & { subject: string }) => {
      const made = await ask<Ticket>(api.POST('/tickets', { body: fields }))
      await again()
      return made
    },
    change: async (id: string, fields: TicketFields) => {
      await ask(api.PATCH('/tickets/{id}', { params: { path: { id } }, body: fields }))
      await again()
    },
    reply: async (id: string, words: string, fromContact: boolean) => {
      await ask(api.POST('/tickets/{id}/replies', { params: { path: { id } }, body: { text: words, fromContact } }))
      await again()
    },
    remove: async (id: string) => {
      await ask(api.DELETE('/tickets/{id}', { params: { path: { id } } }))
      await again()
    },
  }
}

addLiveModule({
  events: ['ticket.*'],
  take: (_events, queries) => { void queries.invalidateQueries({ queryKey: ticketsKey }) },
})
