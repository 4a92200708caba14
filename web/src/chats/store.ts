/** Chats: lists by filters, one by id, what is done with them, and their live module. */
import { type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { useMe } from '@/api/me'
import { flatten, mapItems, type Pages, replaceHead } from '@/api/queries'
import type { Chat, ChatCounts, ChatEvent, LiveEvent, Me, MessageEvent } from '@/api/views'
import { addressKey } from '@/messages/model'
import { countsKey, recount } from './counts'
import { afterChange, afterEvent, afterUpdate, asQuery, belongs, byPlace, type ChatChange, type ChatFilters, NEWS } from './model'

const PAGE = 50
const HEAD = 20
/** What one call of bulk takes at most. */
const BULK = 500
/** Lists are read again at their head at most so often, however many chats are new. */
const HEAD_MS = 400

export const chatsKey = (filters: ChatFilters) => ['chats', filters] as const
export const chatKey = (id: string) => ['chat', id] as const

export function useChats(filters: Ref<ChatFilters>) {
  const { me } = useMe()
  const query = useInfiniteQuery({
    queryKey: computed(() => chatsKey(filters.value)),
    queryFn: ({ pageParam, signal }) =>
      askPage<Chat>(api.GET('/chats', {
        params: {
          query: {
            ...asQuery(filters.value, me.value?.memberId ?? null), limit: PAGE,
            ...(pageParam === null ? { total: true } : { cursor: pageParam }),
          },
        },
        signal,
      })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    enabled: () => me.value !== undefined,
  })
  const chats = computed(() => flatten(query.data.value as Pages<Chat> | undefined))
  const total = computed(() => query.data.value?.pages[0]?.total)
  return { query, chats, total }
}

export function useChat(id: Ref<string>) {
  const queries = useQueryClient()
  return useQuery({
    queryKey: computed(() => chatKey(id.value)),
    queryFn: () => ask<Chat>(api.GET('/chats/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    // What the list shows already is there at once.
    placeholderData: () => findChat(queries, id.value),
    retry: false,
  })
}

function lists(queries: QueryClient): [ChatFilters, Pages<Chat>][] {
  return queries
    .getQueriesData<Pages<Chat>>({ queryKey: ['chats'] })
    .flatMap(([key, data]) => (data === undefined ? [] : [[key[1] as ChatFilters, data] as [ChatFilters, Pages<Chat>]]))
}

function findChat(queries: QueryClient, id: string): Chat | undefined {
  for (const [, data] of lists(queries)) {
    const found = flatten(data).find((one) => one.id === id)
    if (found !== undefined) return found
  }
  return undefined
}

const memberId = (queries: QueryClient) => queries.getQueryData<Me>(['me'])?.memberId ?? null

/** Show a chat as it is now, everywhere; lists that it has left lose it. */
export function applyChat(queries: QueryClient, chat: Chat): void {
  queries.setQueryData(chatKey(chat.id), chat)
  const me = memberId(queries)
  for (const [filters, data] of lists(queries)) {
    const known = flatten(data).some((one) => one.id === chat.id)
    const fits = belongs(chat, filters, me)
    if (known && !fits) queries.setQueryData(chatsKey(filters), replaceHead(data, new Set([chat.id]), []))
    else if (known) queries.setQueryData(chatsKey(filters), mapItems(data, (one) => (one.id === chat.id ? chat : one)))
    else if (fits) refreshHead(queries, filters)
  }
}

export function useChatActions() {
  const queries = useQueryClient()

  /** Change a chat; what is shown changes at once and goes back when the server refuses. Throws ApiError. */
  async function change(chat: Chat, changes: ChatChange): Promise<Chat> {
    applyChat(queries, afterChange(chat, changes))
    try {
      const now = await ask<Chat>(api.PATCH('/chats/{id}', { params: { path: { id: chat.id } }, body: changes as never }))
      applyChat(queries, now)
      return now
    } catch (error) {
      applyChat(queries, chat)
      throw error
    }
  }

  /** Nothing unread here any more. */
  async function markRead(chat: Chat): Promise<void> {
    applyChat(queries, { ...chat, unread: 0 })
    queries.setQueryData<ChatCounts>(countsKey, (counts) => (counts === undefined ? counts : { ...counts, unread: Math.max(0, counts.unread - 1) }))
    await ask<Chat>(api.POST('/chats/{id}/read', { params: { path: { id: chat.id } } }))
  }

  /** The same change for many chats, in one transaction; `read`: nothing unread in them. Throws ApiError. */
  async function changeMany(chats: Chat[], changes: ChatChange & { read?: boolean }): Promise<void> {
    const { read, ...others } = changes
    for (const chat of chats) applyChat(queries, { ...afterChange(chat, others), ...(read ? { unread: 0 } : {}) })
    try {
      for (let from = 0; from < chats.length; from += BULK) {
        await ask(api.POST('/chats/bulk', { body: { ids: chats.slice(from, from + BULK).map((one) => one.id), ...changes } as never }))
      }
    } catch (error) {
      for (const chat of chats) applyChat(queries, chat)
      throw error
    } finally {
      recount(queries)
    }
  }

  return { change, changeMany, markRead }
}

// -- live ------------------------------------------------------------------------------------------------

const waiting = new Map<string, ReturnType<typeof setTimeout>>()

/** Read a list's head again, soon: a chat is there that the list does not know. */
export function refreshHead(queries: QueryClient, filters: ChatFilters): void {
  const name = JSON.stringify(filters)
  if (waiting.has(name)) return
  waiting.set(name, setTimeout(() => {
    waiting.delete(name)
    void readHead(queries, filters)
  }, HEAD_MS))
}

async function readHead(queries: QueryClient, filters: ChatFilters): Promise<void> {
  const query = { ...asQuery(filters, memberId(queries)), limit: HEAD, total: true }
  try {
    const head = await askPage<Chat>(api.GET('/chats', { params: { query } }))
    queries.setQueryData<Pages<Chat>>(chatsKey(filters), (data) => {
      if (data === undefined) return data
      const next = replaceHead(data, new Set(head.items.map((one) => one.id)), head.items)
      const first = next.pages[0]
      if (first !== undefined) next.pages[0] = { ...first, total: head.total }
      return next
    })
  } catch {
    // The next event, or coming back to the list, reads it again.
  }
}

/** What a batch of events makes of one list; null when a chat is missing from it. */
function patchList(data: Pages<Chat>, events: Map<string, LiveEvent[]>): { data: Pages<Chat>; missing: boolean } {
  const moved: Chat[] = []
  const known = new Set<string>()
  const patched = mapItems(data, (chat) => {
    const key = addressKey(chat.profileId, chat.chatId)
    const own = events.get(key)
    if (own === undefined) return chat
    known.add(key)
    const next = own.reduce(afterEvent, chat)
    if (next.lastAt !== chat.lastAt) moved.push(next)
    return next
  })
  const fresh = [...events].some(([key, own]) => !known.has(key) && own.some((one) => NEWS.has(one.event)))
  if (moved.length === 0) return { data: patched, missing: fresh }
  const next = replaceHead(patched, new Set(moved.map((one) => one.id)), moved)
  const first = next.pages[0]
  // Pinned ones stay above what moves up.
  if (first !== undefined) next.pages[0] = { ...first, items: first.items.toSorted(byPlace) }
  return { data: next, missing: fresh }
}

addLiveModule({
  events: ['message.*'],
  take: (events, queries) => {
    const byChat = new Map<string, LiveEvent[]>()
    for (const event of events) {
      const key = addressKey(event.profileId, (event.data as unknown as MessageEvent).chatId)
      byChat.set(key, [...(byChat.get(key) ?? []), event])
    }
    let unknown = false
    for (const [filters, data] of lists(queries)) {
      const { data: next, missing } = patchList(data, byChat)
      if (next !== data) queries.setQueryData(chatsKey(filters), next)
      if (missing) refreshHead(queries, filters)
      unknown ||= missing
    }
    for (const [, chat] of queries.getQueriesData<Chat>({ queryKey: ['chat'] })) {
      if (chat === undefined) continue
      const own = byChat.get(addressKey(chat.profileId, chat.chatId))
      if (own !== undefined) queries.setQueryData(chatKey(chat.id), own.reduce(afterEvent, chat))
    }
  },
})

/** What other agents, and other programs, do with chats. */
addLiveModule({
  events: ['chat.updated'],
  take: (events, queries) => {
    for (const event of events) {
      const data = event.data as unknown as ChatEvent
      const known = queries.getQueryData<Chat>(chatKey(data.id)) ?? findChat(queries, data.id)
      if (known !== undefined) {
        applyChat(queries, afterUpdate(known, event))
        if (known.pinned !== data.pinned) for (const [filters] of lists(queries)) refreshHead(queries, filters)
      } else {
        const told = data as unknown as Chat
        for (const [filters] of lists(queries)) if (belongs(told, filters, memberId(queries))) refreshHead(queries, filters)
      }
    }
    recount(queries)
  },
})

addLiveModule({
  events: ['chat.target_warning', 'chat.target_missed'],
  take: (events, queries) => {
    recount(queries)
    for (const [filters] of lists(queries)) if (filters.view === 'urgent' || filters.view === 'missed') refreshHead(queries, filters)
    for (const event of events) void queries.invalidateQueries({ queryKey: chatKey(String(event.data.chatId)) })
  },
})
