/** What is read for the overview. Figures are read anew while they are looked at. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask, askPage } from '@/api/client'
import type { Campaign, Message } from '@/api/views'
import { dayOf } from '@/format/time'
import { fromWall } from '@/format/zone'
import type { UsageReport } from '@/reports/model'

const REREAD_MS = 15_000
/** So many of the newest failures are sorted by cause. */
const FAILURES = 200

/** The beginning of today in the workspace's zone. */
export const midnight = (): string => fromWall(`${dayOf(new Date())}T00:00`) ?? new Date().toISOString()

export function useToday() {
  return useQuery({
    queryKey: ['overview', 'today'],
    queryFn: () => ask<UsageReport>(api.GET('/usage', { params: { query: { by: 'day', from: midnight() } } })),
    refetchInterval: REREAD_MS,
  })
}

/** How many messages wait to be sent, and the one that has waited longest. */
export function useQueue() {
  const query = useQuery({
    queryKey: ['overview', 'queue'],
    queryFn: () => askPage<Message>(api.GET('/messages', { params: { query: { status: 'queued', sort: 'createdAt', limit: 1, total: true } } })),
    refetchInterval: REREAD_MS,
  })
  return { query, waiting: computed(() => query.data.value?.total ?? 0), oldest: computed(() => query.data.value?.items[0]) }
}

export function useFailures() {
  return useQuery({
    queryKey: ['overview', 'failures'],
    queryFn: () => askPage<Message>(api.GET('/messages', { params: { query: { status: 'failed', direction: 'out', from: midnight(), limit: FAILURES } } })),
    refetchInterval: REREAD_MS,
  })
}

export interface ChatCounts { unanswered: number; unassigned: number; unread: number; closing: number }

export function useChatCounts() {
  return useQuery({ queryKey: ['overview', 'chats'], queryFn: () => ask<ChatCounts>(api.GET('/chats/counts')), refetchInterval: REREAD_MS, retry: false })
}

export function useRunning() {
  const query = useQuery({
    queryKey: ['overview', 'campaigns'],
    queryFn: async () => (await Promise.all(['running', 'paused', 'scheduled'].map((status) => askPage<Campaign>(api.GET('/campaigns', { params: { query: { status, limit: 5 } } }))))).flatMap((one) => one.items),
    refetchInterval: REREAD_MS,
  })
  return { query, campaigns: computed(() => query.data.value ?? []) }
}
