/** What a chat is in lists: which filters it meets, and what events make of it. */
import type { Chat, ChatEvent, ChatKind, LiveEvent, MessageEvent } from '@/api/views'
import { applyEvent, messageOf } from '@/messages/model'

export type ChatView = 'open' | 'unread' | 'mine' | 'archived'

export interface ChatFilters {
  view: ChatView
  profileId?: string
  kind?: ChatKind
  assigneeId?: string
  search?: string
}

/** The filters as the API takes them. */
export function asQuery(filters: ChatFilters, me: string | null) {
  const assignee = filters.view === 'mine' ? (me ?? undefined) : filters.assigneeId
  return {
    archived: filters.view === 'archived' ? ('true' as const) : ('false' as const),
    ...(filters.view === 'unread' ? { unread: true } : {}),
    ...(assignee === undefined ? {} : { assigneeId: assignee }),
    ...(filters.profileId === undefined ? {} : { profileId: filters.profileId }),
    ...(filters.kind === undefined ? {} : { kind: filters.kind }),
    ...(filters.search === undefined || filters.search === '' ? {} : { search: filters.search }),
  }
}

/** Events that bring a message into a chat. */
export const NEWS: ReadonlySet<string> = new Set(['message.received', 'message.queued', 'message.sent'])

/** Whether a chat still belongs in a list. One that was read stays in "Unread" until the list is read anew. */
export function belongs(chat: Chat, filters: ChatFilters, me: string | null): boolean {
  if (chat.archived !== (filters.view === 'archived')) return false
  if (filters.view === 'mine' && chat.assigneeId !== me) return false
  return filters.assigneeId === undefined || chat.assigneeId === filters.assigneeId
}

/**
 * A chat after an event of one of its messages; the same object when nothing of it shows in a list. How many are unread,
 * and until when one may write freely, is told by `chat.updated`.
 */
export function afterEvent(chat: Chat, event: LiveEvent): Chat {
  const data = event.data as unknown as MessageEvent
  if (chat.lastMessage?.id === data.id) {
    const lastMessage = applyEvent(chat.lastMessage, event)
    return lastMessage === chat.lastMessage ? chat : { ...chat, lastMessage }
  }
  const message = messageOf(event)
  const isNew = NEWS.has(event.event)
  if (!isNew || (chat.lastAt !== null && message.timestamp < chat.lastAt)) return chat
  return { ...chat, lastMessage: message, lastAt: message.timestamp }
}

/** A chat as `chat.updated` tells it: everything but its last message. */
export function afterUpdate(chat: Chat, event: LiveEvent): Chat {
  const data = event.data as unknown as ChatEvent
  const { name, unread, archived, pinned, mutedUntil, assigneeId, windowUntil, windowOpen } = data
  return { ...chat, name, unread, archived, pinned, mutedUntil, assigneeId, windowUntil, windowOpen }
}

/** Pinned ones first, then the latest, as the API has them. */
export function byPlace(a: Chat, b: Chat): number {
  return Number(b.pinned) - Number(a.pinned) || (b.lastAt ?? '').localeCompare(a.lastAt ?? '')
}
