/** How many chats are unread, for the navigation and the title of the window. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, askPage } from '@/api/client'
import { useMe } from '@/api/me'
import type { Chat } from '@/api/views'

export const unreadKey = ['chats-unread'] as const

export function useUnread() {
  const { may } = useMe()
  const query = useQuery({
    queryKey: unreadKey,
    queryFn: async () => (await askPage<Chat>(api.GET('/chats', { params: { query: { unread: true, limit: 1, total: true } } }))).total ?? 0,
    enabled: may('chats:read'),
  })
  return { unread: computed(() => query.data.value ?? 0) }
}
