/** What a message is, apart from how it is drawn: made of events, moved from state to state, arranged for reading. */
import type { Content, LiveEvent, Message, MessageEvent, MessageState, Note } from '@/api/views'
import { dayOf } from '@/format/time'

/** A chat's address within one channel. Networks without suffixes and ours with them mean the same. */
export function addressKey(profileId: string | null, chatId: string): string {
  return `${profileId ?? ''}|${chatId.replace(/@c\.us$/, '')}`
}

const RANK: Record<MessageState, number> = {
  queued: 0, scheduled: 0, sending: 1, uncertain: 2, sent: 3, delivered: 4, read: 5, failed: 6, cancelled: 6, skipped: 6, received: 6,
}

/** Whether a state may follow another: events may come twice, and out of order. */
export function isLater(next: MessageState, now: MessageState): boolean {
  return RANK[next] > RANK[now]
}

/** Whether the message waits here and was not taken by the server yet. */
export function isLocal(message: Message): boolean {
  return message.id.startsWith('local-')
}

const TIMES: Partial<Record<MessageState, 'sentAt' | 'deliveredAt' | 'readAt' | 'failedAt'>> = {
  sent: 'sentAt', delivered: 'deliveredAt', read: 'readAt', failed: 'failedAt',
}

/** A new message of an event. Content that the event does not carry is null, unless it is plain text. */
export function messageOf(event: LiveEvent): Message {
  const data = event.data as unknown as MessageEvent
  const content: Content | null =
    data.content ??
    (event.event === 'message.reaction'
      ? { type: 'reaction', target: data.target, emoji: data.body }
      : data.kind === 'text'
        ? { type: 'text', text: data.body }
        : null)
  return {
    id: data.id,
    profileId: event.profileId ?? '',
    direction: data.direction,
    chatId: data.chatId,
    from: data.author,
    type: data.kind,
    text: data.body,
    content,
    status: data.status,
    campaignId: data.campaignId,
    ...(data.automationId === undefined ? {} : { automationId: data.automationId, automationSources: data.automationSources }),
    template: data.template,
    source: null,
    replyTo: data.replyTo,
    providerId: data.providerId,
    createdAt: event.timestamp,
    timestamp: event.event === 'message.received' || event.event === 'message.reaction' ? data.timestamp : event.timestamp,
    scheduledAt: null,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    failedAt: null,
    editedAt: null,
    deletedAt: null,
    error: data.error,
  }
}

/** A message with what an event says of it; the same object when that is nothing new. */
export function applyEvent(message: Message, event: LiveEvent): Message {
  const data = event.data as unknown as MessageEvent
  if (event.event === 'message.edited') {
    const content = data.content ?? (message.content?.type === 'text' ? { ...message.content, text: data.body } : message.content)
    return { ...message, text: data.body, content, editedAt: event.timestamp }
  }
  if (event.event === 'message.deleted') return { ...message, deletedAt: event.timestamp }
  if (!isLater(data.status, message.status)) return message
  const time = TIMES[data.status]
  return {
    ...message,
    status: data.status,
    providerId: data.providerId ?? message.providerId,
    error: data.error ?? message.error,
    ...(time === undefined ? {} : { [time]: data.timestamp }),
  }
}

export interface Reactions {
  emoji: string
  count: number
}

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'new'; key: string }
  | { kind: 'note'; key: string; note: Note }
  | { kind: 'notice'; key: string; message: Message }
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean; reactions: Reactions[] }

const TOGETHER_MS = 2 * 60_000
/** Said small and in the middle, not as a bubble. */
const NOTICES = new Set(['system', 'poll_vote'])

/** The last reaction of each person on each message, by the provider's id of the message. */
export function reactionsOf(messages: readonly Message[]): Map<string, Reactions[]> {
  const latest = new Map<string, Map<string, string>>()
  for (const message of messages) {
    if (message.type !== 'reaction' || message.status === 'failed') continue
    const target = String(message.content?.target ?? '')
    const person = message.direction === 'out' ? 'us' : (message.from ?? 'them')
    const known = latest.get(target) ?? new Map<string, string>()
    known.set(person, String(message.content?.emoji ?? ''))
    latest.set(target, known)
  }
  const found = new Map<string, Reactions[]>()
  for (const [target, people] of latest) {
    const counts = new Map<string, number>()
    for (const emoji of people.values()) if (emoji !== '') counts.set(emoji, (counts.get(emoji) ?? 0) + 1)
    if (counts.size > 0) found.set(target, [...counts].map(([emoji, count]) => ({ emoji, count })))
  }
  return found
}

/** Messages and notes, oldest first, as rows to be drawn: day lines, the line "New", bubbles grouped by sender. */
export function arrange(messages: readonly Message[], notes: readonly Note[], firstUnread: string | null): Row[] {
  const reactions = reactionsOf(messages)
  const entries = [
    ...messages.filter((one) => one.type !== 'reaction').map((message) => ({ at: message.timestamp, message, note: null })),
    ...notes.map((note) => ({ at: note.createdAt, message: null, note })),
  ]
  // Notes are put where they belong in time; messages stay in the order in which the ledger holds them.
  const order = new Map(entries.map((entry, index) => [entry, index]))
  entries.sort((a, b) => {
    if (a.message !== null && b.message !== null) return (order.get(a) ?? 0) - (order.get(b) ?? 0)
    return a.at < b.at ? -1 : a.at > b.at ? 1 : (order.get(a) ?? 0) - (order.get(b) ?? 0)
  })
  const rows: Row[] = []
  let day = ''
  let before: { row: Extract<Row, { kind: 'message' }>; at: number } | null = null
  for (const { at, message, note } of entries) {
    const today = dayOf(new Date(at))
    if (today !== day) {
      day = today
      before = null
      rows.push({ kind: 'day', key: `day-${today}`, at })
    }
    if (message !== null && message.id === firstUnread) {
      rows.push({ kind: 'new', key: 'new' })
      before = null
    }
    if (note !== null) {
      rows.push({ kind: 'note', key: `note-${note.id}`, note })
      before = null
      continue
    }
    if (NOTICES.has(message.type)) {
      rows.push({ kind: 'notice', key: message.id, message })
      before = null
      continue
    }
    const time = Date.parse(at)
    const joins: boolean =
      before !== null &&
      before.row.message.direction === message.direction &&
      before.row.message.from === message.from &&
      before.row.message.status !== 'failed' &&
      time - before.at < TOGETHER_MS
    const row: Extract<Row, { kind: 'message' }> = {
      kind: 'message', key: message.id, message, first: !joins, last: true,
      reactions: message.providerId === null ? [] : (reactions.get(message.providerId) ?? []),
    }
    if (joins && before !== null) before.row.last = false
    rows.push(row)
    before = { row, at: time }
  }
  return rows
}
