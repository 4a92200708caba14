/** Campaigns: the list, one with its figures and recipients, what can be done, and their live module. */
import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, mapItems, type Pages } from '@/api/queries'
import type { Campaign, CampaignLink, CampaignStats, LiveEvent, Message } from '@/api/views'
import { isMoving } from './model'

const PAGE = 50
/** What no event tells (skipped, queued, held) is read again so often while a campaign runs. */
const REREAD_MS = 3_000

export interface CampaignFilters {
  status?: string
  channel?: string
  q?: string
}

export const campaignsKey = ['campaigns'] as const
export const campaignKey = (id: string) => ['campaign', id] as const

export function useCampaigns(filters: Ref<CampaignFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...campaignsKey, filters.value]),
    queryFn: ({ pageParam, signal }) => askPage<Campaign>(api.GET('/campaigns', {
      params: {
        query: {
          limit: PAGE, status: filters.value.status, profileId: filters.value.channel, name: filters.value.q,
          ...(pageParam === null ? { total: true } : { cursor: pageParam }),
        },
      },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    refetchInterval: (one) => (flatten(one.state.data as Pages<Campaign> | undefined).some(isMoving) ? REREAD_MS : false),
    placeholderData: keepPreviousData,
  })
  const campaigns = computed(() => flatten(query.data.value as Pages<Campaign> | undefined))
  const total = computed(() => query.data.value?.pages[0]?.total)
  return { query, campaigns, total }
}

export function useCampaign(id: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => campaignKey(id.value)),
    queryFn: () => ask<Campaign>(api.GET('/campaigns/{id}', { params: { path: { id: id.value } } })),
    refetchInterval: (one) => (isMoving(one.state.data) ? REREAD_MS : false),
    retry: false,
  })
  const stats = useQuery({
    queryKey: computed(() => [...campaignKey(id.value), 'stats']),
    queryFn: () => ask<CampaignStats>(api.GET('/campaigns/{id}/stats', { params: { path: { id: id.value } } })),
    enabled: () => query.data.value !== undefined && query.data.value.startedAt !== null,
    refetchInterval: () => (isMoving(query.data.value) ? REREAD_MS : false),
  })
  return { query, campaign: query.data, stats }
}

/** Its links with who followed them; asked for where the campaign counts them. */
export function useCampaignLinks(campaign: Ref<Campaign>) {
  const links = useQuery({
    queryKey: computed(() => [...campaignKey(campaign.value.id), 'links']),
    queryFn: () => ask<CampaignLink[]>(api.GET('/campaigns/{id}/links', { params: { path: { id: campaign.value.id } } })),
    enabled: () => campaign.value.startedAt !== null,
    refetchInterval: () => (isMoving(campaign.value) ? REREAD_MS : false),
  })
  return { query: links, links: links.data }
}

export function useRecipients(id: Ref<string>, status: Ref<string | undefined>, clicked: Ref<boolean>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...campaignKey(id.value), 'recipients', status.value ?? null, clicked.value]),
    queryFn: ({ pageParam, signal }) => askPage<Message>(api.GET('/campaigns/{id}/recipients', {
      params: { path: { id: id.value }, query: { limit: PAGE, status: status.value, clicked: clicked.value || undefined, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const recipients = computed(() => flatten(query.data.value as Pages<Message> | undefined))
  const total = computed(() => query.data.value?.pages[0]?.total)
  return { query, recipients, total }
}

function apply(queries: QueryClient, campaign: Campaign): Campaign {
  queries.setQueryData(campaignKey(campaign.id), campaign)
  for (const [key, data] of queries.getQueriesData<Pages<Campaign>>({ queryKey: campaignsKey })) {
    if (data !== undefined) queries.setQueryData(key, mapItems(data, (one) => (one.id === campaign.id ? campaign : one)))
  }
  void queries.invalidateQueries({ queryKey: [...campaignKey(campaign.id), 'stats'] })
  void queries.invalidateQueries({ queryKey: [...campaignKey(campaign.id), 'recipients'] })
  return campaign
}

/** What can be done with a campaign. Each throws ApiError. */
export function useCampaignActions() {
  const queries = useQueryClient()
  const at = (id: string) => ({ params: { path: { id } } })
  const made = (campaign: Campaign) => {
    void queries.invalidateQueries({ queryKey: campaignsKey })
    return apply(queries, campaign)
  }
  return {
    create: async (body: Record<string, unknown>, key: string) =>
      made(await ask<Campaign>(api.POST('/campaigns', { body: body as never, headers: { 'Idempotency-Key': key } }))),
    start: async (id: string) => apply(queries, await ask<Campaign>(api.POST('/campaigns/{id}/start', at(id)))),
    pause: async (id: string) => apply(queries, await ask<Campaign>(api.POST('/campaigns/{id}/pause', { ...at(id), body: {} as never }))),
    resume: async (id: string) => apply(queries, await ask<Campaign>(api.POST('/campaigns/{id}/resume', at(id)))),
    cancel: async (id: string) => apply(queries, await ask<Campaign>(api.POST('/campaigns/{id}/cancel', at(id)))),
    duplicate: async (id: string, name: string) => made(await ask<Campaign>(api.POST('/campaigns/{id}/duplicate', { ...at(id), body: { name } as never }))),
    schedule: async (id: string, scheduledAt: string | null) => apply(queries, await ask<Campaign>(api.POST('/campaigns/{id}/schedule', { ...at(id), body: { scheduledAt } }))),
  }
}

// -- live ------------------------------------------------------------------------------------------------

const SOON_MS = 800
const waiting = new Set<string>()

/** Read a campaign's figures again, soon: a hundred events are one reading. */
function rereadSoon(queries: QueryClient, id: string): void {
  if (waiting.has(id)) return
  waiting.add(id)
  setTimeout(() => {
    waiting.delete(id)
    void queries.invalidateQueries({ queryKey: campaignKey(id) })
  }, SOON_MS)
}

addLiveModule({
  events: ['campaign.*', 'message.*', 'link.clicked'],
  take: (events: LiveEvent[], queries) => {
    for (const event of events) {
      const own = event.event.startsWith('campaign.')
      const id = own ? event.data.id : event.data.campaignId
      if (typeof id === 'string' || typeof id === 'number') rereadSoon(queries, String(id))
      if (own) void queries.invalidateQueries({ queryKey: campaignsKey })
    }
  },
})
