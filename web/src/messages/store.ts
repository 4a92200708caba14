/** The messages of chats: read page by page, sent with an optimistic copy, kept up to date by the live module. */
import { type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref, watch } from 'vue'
import { api, ApiError, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, mapItems, type Pages, replaceHead } from '@/api/queries'
import type { Chat, Content, LiveEvent, Message, MessageState, SendAnswer } from '@/api/views'
import { addressKey, applyEvent, isLocal, messageOf } from './model'

const PAGE = 40

export const messagesKey = (chatId: string) => ['messages', chatId] as const

/** Which chats are read at present, by address: events tell no chat id. */
const open = new Map<string, string>()
/** What was told of messages that are not known here yet: the answer to their sending may still be on its way. */
const early = new Map<string, LiveEvent[]>()

const cachedChat = (queries: QueryClient, address: string): string | undefined => {
  const id = open.get(address)
  return id !== undefined && queries.getQueryData(messagesKey(id)) !== undefined ? id : undefined
}

export function useMessages(chat: Ref<Chat | undefined>) {
  const id = computed(() => chat.value?.id ?? '')
  watch(chat, (now) => {
    if (now !== undefined) open.set(addressKey(now.profileId, now.chatId), now.id)
  }, { immediate: true })
  const query = useInfiniteQuery({
    queryKey: computed(() => messagesKey(id.value)),
    queryFn: ({ pageParam, signal }) =>
      askPage<Message>(api.GET('/chats/{id}/messages', {
        params: { path: { id: id.value }, query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    enabled: () => id.value !== '',
  })
  /** Oldest first. */
  const messages = computed(() => flatten(query.data.value as Pages<Message> | undefined).reverse())
  return { query, messages }
}

function patch(queries: QueryClient, chatId: string, change: (data: Pages<Message>) => Pages<Message>): void {
  queries.setQueryData<Pages<Message>>(messagesKey(chatId), (data) => (data === undefined ? data : change(data)))
}

const without = (data: Pages<Message>, ...ids: string[]) => replaceHead(data, new Set(ids), [])
const withHead = (data: Pages<Message>, message: Message) => replaceHead(data, new Set([message.id]), [message])

let locals = 0

function localMessage(chat: Chat, content: Content, replyTo: Message | null): Message {
  const now = new Date().toISOString()
  locals += 1
  return {
    id: `local-${Date.now()}-${locals}`, profileId: chat.profileId, direction: 'out', chatId: chat.chatId, from: null,
    type: content.type, text: typeof content.text === 'string' ? content.text : null, content, status: 'queued', campaignId: null,
    template: content.type === 'template' ? String(content.name) : null, source: null, replyTo: replyTo?.id ?? null,
    providerId: null, createdAt: now, timestamp: now, scheduledAt: null, sentAt: null, deliveredAt: null, readAt: null,
    failedAt: null, editedAt: null, deletedAt: null, error: null,
  }
}

export interface Outgoing {
  content: Content
  /** The fields of the call where they differ from what is drawn. */
  wire?: Record<string, unknown>
  replyTo?: Message | null
  /** When it goes out (ISO 8601); at once without. */
  scheduledAt?: string
}

export function useSender() {
  const queries = useQueryClient()

  async function post(chat: Chat, local: Message, outgoing: Outgoing): Promise<void> {
    const { type, ...fields } = outgoing.content
    const body = {
      ...(type === 'text' ? { text: String(fields.text) } : { type, content: outgoing.wire ?? fields }),
      ...(outgoing.replyTo ? { replyTo: outgoing.replyTo.id } : {}),
      ...(outgoing.scheduledAt === undefined ? {} : { scheduledAt: outgoing.scheduledAt }),
    }
    try {
      const answer = await ask<SendAnswer>(api.POST('/chats/{id}/messages', {
        params: { path: { id: chat.id }, header: { 'Idempotency-Key': local.id } as never },
        headers: { 'Idempotency-Key': local.id },
        body: body as never,
      }))
      settle(chat, local, answer)
    } catch (error) {
      const problem = error instanceof ApiError ? error : new ApiError(0, 'ERROR', String(error))
      patch(queries, chat.id, (data) => mapItems(data, (one) => (one.id === local.id
        ? { ...one, status: 'failed' as MessageState, error: { code: problem.code, message: problem.message, retryable: true } }
        : one)))
    }
  }

  /** Put the server's word in the place of the optimistic copy, with what was told of it in the meantime. */
  function settle(chat: Chat, local: Message, answer: SendAnswer): void {
    let message: Message = { ...local, id: answer.id, status: answer.status, providerId: answer.providerId ?? null, source: 'api', error: answer.error ?? null }
    for (const event of early.get(answer.id) ?? []) message = applyEvent(message, event)
    early.delete(answer.id)
    patch(queries, chat.id, (data) => {
      const known = flatten(data).some((one) => one.id === answer.id)
      return known ? without(data, local.id) : mapItems(data, (one) => (one.id === local.id ? message : one))
    })
  }

  /** Send; the message is on the screen at once. Failures stand beneath it. */
  function send(chat: Chat, outgoing: Outgoing): Promise<void> {
    const drawn = localMessage(chat, outgoing.content, outgoing.replyTo ?? null)
    const local = outgoing.scheduledAt === undefined ? drawn : { ...drawn, scheduledAt: outgoing.scheduledAt }
    patch(queries, chat.id, (data) => withHead(data, local))
    return post(chat, local, outgoing)
  }

  /** Send a message that failed once more: one that never left with the same key, another as a new message. */
  async function again(chat: Chat, message: Message): Promise<void> {
    const content = message.content
    if (content === null) return
    if (isLocal(message)) {
      patch(queries, chat.id, (data) => mapItems(data, (one) => (one.id === message.id ? { ...one, status: 'queued' as MessageState, error: null } : one)))
      await post(chat, message, { content })
    } else {
      await send(chat, { content })
    }
  }

  return { send, again }
}

/** Put a message in its place, or at the head when it is new. */
function put(queries: QueryClient, chatId: string, message: Message): void {
  patch(queries, chatId, (data) =>
    flatten(data).some((one) => one.id === message.id)
      ? mapItems(data, (one) => (one.id === message.id ? message : one))
      : withHead(data, message))
}

/** When a file that has come in is looked for: it is stored after the message was told. */
const FILE_MS = [600, 2_000, 6_000, 20_000]
const FILES = new Set(['image', 'video', 'audio', 'document', 'sticker'])
const lacksFile = (message: Message) => message.content === null || (FILES.has(message.content.type) && message.content.url === undefined)

/** Read a message that was told without its content, or before its file was stored. */
async function complete(queries: QueryClient, chatId: string, id: string): Promise<void> {
  for (const wait of [0, ...FILE_MS]) {
    await new Promise((done) => setTimeout(done, wait))
    try {
      const message = await ask<Message>(api.GET('/messages/{id}', { params: { path: { id } } }))
      put(queries, chatId, message)
      if (!lacksFile(message)) return
    } catch {
      // The next try, or reading the chat anew, brings it.
    }
  }
}

function waitsForAnswer(data: Pages<Message> | undefined): boolean {
  return flatten(data).slice(0, PAGE).some((one) => isLocal(one) && one.status === 'queued')
}

function takeOne(queries: QueryClient, event: LiveEvent): void {
  const data = event.data as unknown as { id: string; chatId: string; direction: string }
  const chatId = cachedChat(queries, addressKey(event.profileId, data.chatId))
  if (chatId === undefined) return
  const cached = queries.getQueryData<Pages<Message>>(messagesKey(chatId))
  if (flatten(cached).some((one) => one.id === data.id)) {
    patch(queries, chatId, (pages) => mapItems(pages, (one) => (one.id === data.id ? applyEvent(one, event) : one)))
    return
  }
  if (event.event === 'message.edited' || event.event === 'message.deleted') return
  if (data.direction === 'out' && waitsForAnswer(cached)) {
    early.set(data.id, [...(early.get(data.id) ?? []), event])
    if (early.size > 200) early.clear()
    return
  }
  const message = messageOf(event)
  if (message.content !== null) patch(queries, chatId, (pages) => withHead(pages, message))
  if (lacksFile(message)) void complete(queries, chatId, message.id)
}

addLiveModule({
  events: ['message.*'],
  take: (events, queries) => {
    for (const event of events) takeOne(queries, event)
  },
})
