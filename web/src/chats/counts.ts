/** How many chats each part of the inbox has: beside its views, in the navigation and in the title of the window. */
import { type QueryClient, useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import { useMe } from '@/api/me'
import type { ChatCounts } from '@/api/views'

export const countsKey = ['chat-counts'] as const
/** Counts are read again at most so often, however much happens. */
const EVERY_MS = 1_500

export function useChatCounts() {
  const { may } = useMe()
  const query = useQuery({
    queryKey: countsKey,
    queryFn: () => ask<ChatCounts>(api.GET('/chats/counts')),
    enabled: may('chats:read'),
    // Windows close and snoozed chats come back by the clock, which no event tells.
    refetchInterval: 60_000,
  })
  return { counts: query.data, unread: computed(() => query.data.value?.unread ?? 0) }
}

let waiting: ReturnType<typeof setTimeout> | undefined

/** Count again, soon. */
export function recount(queries: QueryClient): void {
  waiting ??= setTimeout(() => {
    waiting = undefined
    void queries.invalidateQueries({ queryKey: countsKey })
  }, EVERY_MS)
}
