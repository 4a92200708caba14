/** A part of a chat around one message. Older and newer ones are read as the reader gets there; live events do not change it. */
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, askPage } from '@/api/client'
import type { Chat, Message, Page } from '@/api/views'

export const PAGE = 40

/** A place in a chat's list: around a message, right after one, or older ones by a cursor. */
export type Place = { around: string } | { newerThan: string } | { cursor: string }

/** Where the messages are that are newer than a page; undefined when it has the newest. */
export function newerPlace(page: readonly Message[], place: Place): Place | undefined {
  const newest = page[0]
  // A page of newer ones that is not full is the last.
  if (newest === undefined || ('newerThan' in place && page.length < PAGE)) return undefined
  return { newerThan: newest.id }
}

export function useMessagesAround(chat: Ref<Chat>, message: Ref<string | null>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['messages', chat.value.id, 'around', message.value]),
    queryFn: ({ pageParam, signal }) => {
      const place = pageParam ?? { around: message.value ?? '' }
      return askPage<Message>(api.GET('/chats/{id}/messages', { params: { path: { id: chat.value.id }, query: { limit: PAGE, ...place } }, signal }))
    },
    initialPageParam: null as Place | null,
    getNextPageParam: (last: Page<Message>): Place | undefined => (last.cursor === null ? undefined : { cursor: last.cursor }),
    getPreviousPageParam: (first: Page<Message>, _all: Page<Message>[], place: Place | null) => newerPlace(first.items, place ?? { around: '' }),
    enabled: () => message.value !== null,
  })
  /** Oldest first. */
  const messages = computed(() => (query.data.value?.pages ?? []).flatMap((page) => page.items).reverse())
  return { query, messages }
}
