/** What a chat is in lists: which filters it meets, and what events make of it. */
import type { Chat, ChatEvent, ChatKind, ChatStatus, LiveEvent, MessageEvent } from '@/api/views'
import { applyEvent, messageOf } from '@/messages/model'

/** The parts of the inbox. All but the last three show open chats. */
export const CHAT_VIEWS = ['open', 'unread', 'unanswered', 'mine', 'unassigned', 'urgent', 'missed', 'closing', 'snoozed', 'done', 'archived'] as const
export type ChatView = (typeof CHAT_VIEWS)[number]

export interface ChatFilters {
  view: ChatView
  profileId?: string
  kind?: ChatKind
  assigneeId?: string
  /** The team that has it; `me`: one's own, `none`: no team's. */
  departmentId?: string
  /** A tag of the contact. */
  tag?: string
  search?: string
}

/** Whether a search goes through all chats: who looks for a person does not know whether their chat is done. */
const isEverywhere = ({ view, search }: ChatFilters) => view === 'open' && search !== undefined && search !== ''

/** The status that chats of a list have; undefined where it does not matter. */
function statusOf(filters: ChatFilters): ChatStatus | undefined {
  if (filters.view === 'archived' || isEverywhere(filters)) return undefined
  return filters.view === 'snoozed' || filters.view === 'done' ? filters.view : 'open'
}

/** The filters as the API takes them. `me` is the member's id, null for a key without a member. */
export function asQuery(filters: ChatFilters, me: string | null) {
  const { view } = filters
  const assignee = view === 'mine' ? (me ?? undefined) : view === 'unassigned' ? 'none' : filters.assigneeId
  const status = statusOf(filters)
  return {
    archived: isEverywhere(filters) ? ('all' as const) : view === 'archived' ? ('true' as const) : ('false' as const),
    ...(status === undefined ? {} : { status }),
    ...(view === 'unread' ? { unread: true } : {}),
    ...(view === 'unanswered' ? { unanswered: true } : {}),
    ...(view === 'closing' || view === 'urgent' || view === 'missed' ? { [view]: true } : {}),
    ...(assignee === undefined ? {} : { assigneeId: assignee }),
    ...(filters.departmentId === undefined ? {} : { departmentId: filters.departmentId }),
    ...(filters.profileId === undefined ? {} : { profileId: filters.profileId }),
    ...(filters.kind === undefined ? {} : { kind: filters.kind }),
    ...(filters.tag === undefined ? {} : { tag: filters.tag }),
    ...(filters.search === undefined || filters.search === '' ? {} : { search: filters.search }),
  }
}

/** The filters as a saved view keeps them: "mine" is whoever opens it. */
export function asSaved(filters: ChatFilters): Record<string, unknown> {
  const { search, ...rest } = asQuery(filters, 'me')
  return search === undefined ? rest : { ...rest, q: search }
}

/** A saved view as filters of the list; null for one that a program made of parts that the list cannot show together. */
export function fromSaved(filter: Record<string, unknown>): ChatFilters | null {
  const string = (key: string) => (typeof filter[key] === 'string' && filter[key] !== '' ? filter[key] : undefined)
  const flag = (['unread', 'unanswered', 'closing', 'urgent', 'missed'] as const).find((key) => filter[key] === true)
  const status = string('status')
  const assignee = string('assigneeId')
  const view: ChatView = filter.archived === 'true' ? 'archived'
    : status === 'snoozed' || status === 'done' ? status
      : (flag ?? (assignee === 'me' ? 'mine' : assignee === 'none' ? 'unassigned' : 'open'))
  const filters: ChatFilters = {
    view, profileId: string('profileId'), kind: string('kind') as ChatKind | undefined, tag: string('tag'), search: string('q'),
    departmentId: string('departmentId'),
    assigneeId: view === 'mine' || view === 'unassigned' ? undefined : assignee,
  }
  // A list of open chats and one without a status differ only by chats that are put aside; the list says which it shows.
  const shown = asSaved(filters)
  const wanted: Record<string, unknown> = { archived: 'false', ...(shown.status === 'open' ? { status: 'open' } : {}), ...filter }
  return Object.entries(wanted).every(([key, value]) => value === null || value === false || shown[key] === value) ? filters : null
}

/** Events that bring a message into a chat. */
export const NEWS: ReadonlySet<string> = new Set(['message.received', 'message.queued', 'message.sent'])

/** Whether a chat still belongs in a list. One that was read or answered stays until the list is read anew. */
export function belongs(chat: Chat, filters: ChatFilters, me: string | null): boolean {
  if (!isEverywhere(filters) && chat.archived !== (filters.view === 'archived')) return false
  const status = statusOf(filters)
  if (status !== undefined && chat.status !== status) return false
  if (filters.view === 'mine' && chat.assigneeId !== me) return false
  if (filters.view === 'unassigned' && chat.assigneeId !== null) return false
  const { departmentId: team } = filters
  // Which team one's own is, the server knows; the list is read anew where a chat comes in.
  if (team !== undefined && team !== 'me' && chat.departmentId !== (team === 'none' ? null : team)) return false
  return filters.assigneeId === undefined || chat.assigneeId === filters.assigneeId
}

export type ChatChange = Partial<Pick<Chat, 'archived' | 'pinned' | 'mutedUntil' | 'assigneeId' | 'departmentId'>> & {
  /** Both together: a chat that is done or open again is not snoozed, and one that is snoozed is open. */
  status?: 'open' | 'done'
  snoozedUntil?: string | null
}

/** A chat as it is after a change, before the server has said so. */
export function afterChange(chat: Chat, { status, snoozedUntil, ...others }: ChatChange): Chat {
  const next = { ...chat, ...others }
  if (status === undefined) return next
  return { ...next, status: snoozedUntil ? 'snoozed' : status, snoozedUntil: snoozedUntil ?? null }
}

/** What takes a change back. */
export function undoOf(chat: Chat, changes: ChatChange): ChatChange {
  const undo: ChatChange = {}
  if (changes.archived !== undefined) undo.archived = chat.archived
  if (changes.pinned !== undefined) undo.pinned = chat.pinned
  if (changes.mutedUntil !== undefined) undo.mutedUntil = chat.mutedUntil
  if (changes.assigneeId !== undefined) undo.assigneeId = chat.assigneeId
  if (changes.departmentId !== undefined) undo.departmentId = chat.departmentId
  if (changes.status !== undefined) Object.assign(undo, { status: chat.status === 'done' ? 'done' : 'open', snoozedUntil: chat.snoozedUntil })
  return undo
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
  const { name, unread, archived, pinned, mutedUntil, status, snoozedUntil, assigneeId, departmentId, windowUntil, windowOpen, target } = data
  return { ...chat, name, unread, archived, pinned, mutedUntil, status, snoozedUntil, assigneeId, departmentId, windowUntil, windowOpen, target }
}

/** Pinned ones first, then the latest, as the API has them. */
export function byPlace(a: Chat, b: Chat): number {
  return Number(b.pinned) - Number(a.pinned) || (b.lastAt ?? '').localeCompare(a.lastAt ?? '')
}
