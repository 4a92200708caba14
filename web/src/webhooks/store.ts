/** Webhooks: where events are delivered, the log of deliveries, and what can be done. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { flatten, type Pages } from '@/api/queries'
import type { Delivery, Webhook } from '@/api/views'

const PAGE = 50
/** No event tells of deliveries: they are read again so often while they are looked at. */
const REREAD_MS = 5_000

export const webhooksKey = ['webhooks'] as const

export function useWebhooks() {
  const query = useQuery({
    queryKey: [...webhooksKey, 'list'],
    queryFn: async () => (await askPage<Webhook>(api.GET('/webhooks', { params: { query: { limit: 200 } } }))).items,
    refetchInterval: 6 * REREAD_MS,
  })
  return { query, webhooks: computed(() => query.data.value ?? []) }
}

export function useWebhook(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...webhooksKey, 'one', id.value]),
    queryFn: () => ask<Webhook>(api.GET('/webhooks/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

export function useEventTypes() {
  return useQuery({ queryKey: ['event-types'], queryFn: () => ask<{ events: string[]; formats: string[] }>(api.GET('/webhooks/events')), staleTime: Infinity })
}

export const DELIVERY_FILTERS = ['status', 'event'] as const
export type DeliveryFilters = Partial<Record<(typeof DELIVERY_FILTERS)[number], string>>

export function useDeliveries(id: Ref<string>, filters: Ref<DeliveryFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...webhooksKey, 'deliveries', id.value, filters.value]),
    queryFn: ({ pageParam, signal }) => askPage<Delivery>(api.GET('/webhooks/{id}/deliveries', {
      params: { path: { id: id.value }, query: { status: filters.value.status, event: filters.value.event, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: REREAD_MS,
    enabled: () => id.value !== '',
  })
  return { query, deliveries: computed(() => flatten(query.data.value as Pages<Delivery> | undefined)) }
}

export function useDelivery(webhookId: Ref<string>, id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...webhooksKey, 'delivery', webhookId.value, id.value]),
    queryFn: () => ask<Delivery>(api.GET('/webhooks/{id}/deliveries/{deliveryId}', { params: { path: { id: webhookId.value, deliveryId: id.value } } })),
    enabled: () => webhookId.value !== '' && id.value !== '',
    refetchInterval: (one) => (one.state.data?.status === 'pending' ? REREAD_MS : false),
    retry: false,
  })
}

export interface WebhookFields { url: string; events: string[]; format: string; profileId: string | null; secret?: string; enabled?: boolean }

/** Each throws ApiError. */
export function useWebhookActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: webhooksKey })
  async function then<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } finally {
      await again()
    }
  }
  const at = (id: string) => ({ params: { path: { id } } })
  return {
    create: (fields: WebhookFields) => then(ask<Webhook>(api.POST('/webhooks', { body: fields as never }))),
    change: (id: string, fields: Partial<WebhookFields>) => then(ask<Webhook>(api.PATCH('/webhooks/{id}', { ...at(id), body: fields as never }))),
    remove: (id: string) => then(ask(api.DELETE('/webhooks/{id}', at(id)))),
    /** A new secret, shown this once. */
    rotate: (id: string) => then(ask<Webhook & { secret: string; oldSecretUntil: string | null }>(api.POST('/webhooks/{id}/rotate', { ...at(id), body: {} as never }))),
    test: (id: string) => then(ask<Delivery & { delivered: boolean }>(api.POST('/webhooks/{id}/test', at(id)))),
    replay: (id: string, deliveryId: string) => then(ask<Delivery>(api.POST('/webhooks/{id}/deliveries/{deliveryId}/replay', { params: { path: { id, deliveryId } } }))),
    /** Deliver again all that failed; gives how many. */
    replayAll: async (id: string) => (await then(ask<{ replayed: number }>(api.POST('/webhooks/{id}/replay', { ...at(id), body: {} as never })))).replayed,
  }
}
