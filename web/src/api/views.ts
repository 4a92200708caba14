/** What the native API answers with, as far as the dashboard reads it. */
import type { ChatTarget } from './deskViews'
import type { ProfileAccount } from './settingViews'

export type * from './automationViews'
export type * from './campaignViews'
export type * from './deskViews'
export type * from './developerViews'
export type * from './labelViews'
export type * from './settingViews'

export interface Page<T> {
  items: T[]
  cursor: string | null
  /** How many there are in all, where the call asked for it. */
  total?: number
}

export type Role = 'owner' | 'admin' | 'agent' | 'key'

export interface Me {
  workspace: { id: string; name: string; timezone: string }
  memberId: string | null
  name: string
  role: Role
  scopes: string[]
  profileId: string | null
}

export interface Member {
  id: string
  email: string
  firstName: string
  lastName: string
  role: Role
  disabled: boolean
  away: boolean
}

export type ProfileStatus = 'connected' | 'connecting' | 'disconnected' | 'pairing' | 'logged_out' | 'banned' | 'failed'

/** A channel: the API calls it profile. */
export interface Profile {
  id: string
  name: string
  engine: string
  simulated: boolean
  status: ProfileStatus
  statusReason: string | null
  phone: string | null
  displayName: string | null
  isDefault: boolean
  pacing?: { rate?: number; dailyCap?: number }
  account: ProfileAccount | null
  connectedAt: string | null
}

export type MessageState =
  | 'queued'
  | 'scheduled'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'uncertain'
  | 'cancelled'
  | 'skipped'
  | 'received'

export interface MessageError {
  code: string
  title?: string
  cause?: string
  remedy?: string
  retryable?: boolean
  link?: string
  message: string
}

/** A message's content: `type` says which other fields there are. */
export interface Content {
  type: string
  [field: string]: unknown
}

export interface Message {
  id: string
  profileId: string
  direction: 'in' | 'out'
  chatId: string
  from: string | null
  type: string
  text: string | null
  content: Content | null
  status: MessageState
  campaignId: string | null
  /** On a message that an automation sent. */
  automationId?: string
  /** The passages that an AI's answer is made of. */
  automationSources?: { id: string; title: string }[]
  template: string | null
  source: string | null
  replyTo: string | null
  providerId: string | null
  createdAt: string
  timestamp: string
  scheduledAt: string | null
  sentAt: string | null
  deliveredAt: string | null
  readAt: string | null
  failedAt: string | null
  /** Not of messages that wait here for the server's answer, nor of those made of events. */
  to?: string | null
  contactId?: string | null
  tag?: string | null
  category?: string | null
  attempts?: number
  editedAt: string | null
  deletedAt: string | null
  error: MessageError | null
}

export interface SendAnswer {
  id: string
  status: MessageState
  timestamp: string
  providerId: string | null
  error?: MessageError | null
}

export type ChatKind = 'private' | 'group' | 'newsletter'
export type ChatStatus = 'open' | 'snoozed' | 'done'

/** How many chats each part of the inbox has. */
export interface ChatCounts {
  all: number
  unread: number
  unanswered: number
  mine: number
  unassigned: number
  closing: number
  urgent: number
  missed: number
  snoozed: number
  done: number
  archived: number
}

export interface Chat {
  id: string
  /** The chat's address in its network, as `628...@c.us`. */
  chatId: string
  profileId: string
  kind: ChatKind
  name: string
  contactId: string | null
  contact: { id: string; name: string | null; phone: string | null } | null
  unread: number
  archived: boolean
  pinned: boolean
  mutedUntil: string | null
  status: ChatStatus
  /** While it is snoozed: until when. */
  snoozedUntil: string | null
  assigneeId: string | null
  /** The team that has it. */
  departmentId: string | null
  windowUntil: string | null
  windowOpen: boolean
  target: ChatTarget | null
  lastMessage: Message | null
  lastAt: string | null
  createdAt: string
}

export interface Note {
  id: string
  memberId: string | null
  text: string
  createdAt: string
  /** Not a note: the rule of this name gave the chat to the member. */
  ruleName?: string
}

export interface Contact {
  id: string
  name: string | null
  firstName: string | null
  lastName: string | null
  phone: string | null
  email: string | null
  country: string | null
  source: string
  optin: boolean | null
  blocked: boolean
  tags: string[]
  lists: { id: string; name: string }[]
  attributes: Record<string, unknown>
  identities: { kind: string; value: string }[]
  createdAt: string
  lastSeenAt: string | null
}

export interface Template {
  id: string
  profileId: string
  name: string
  language: string
  category: string
  status: string
  components: Record<string, unknown>[]
  providerId?: string | null
  /** GREEN, YELLOW, RED or UNKNOWN. */
  quality?: string | null
  parameterFormat?: string
  rejectedReason?: string | null
  createdAt?: string | null
  updatedAt?: string | null
}

export interface TemplateParameter {
  place: 'header' | 'body' | 'button' | 'card' | 'offer'
  kind: string
  key: string
  example: string | null
  label: string
  card: number | null
}

export interface TemplatePreview {
  header: string | null
  headerKind: string | null
  body: string
  footer: string | null
  buttons: { type: string; text: string; url?: string; code?: string }[]
  cards: { body?: string; buttons?: { type: string; text: string }[] }[]
}

export interface Media {
  id: string
  type: string
  mime: string
  size: number
  filename: string | null
  url: string
}

/** An event of the live socket. */
export interface LiveEvent {
  id: string
  cursor: string
  event: string
  profileId: string | null
  timestamp: string
  data: Record<string, unknown>
}

/** `data` of the event `chat.updated`. */
export type ChatEvent = Pick<
  Chat,
  'id' | 'chatId' | 'kind' | 'name' | 'unread' | 'archived' | 'pinned' | 'mutedUntil' | 'status' | 'snoozedUntil' | 'assigneeId' | 'departmentId' | 'windowUntil' | 'windowOpen' | 'target' | 'lastAt'
>

/** `data` of the events `message.*`. */
export interface MessageEvent {
  id: string
  providerId: string | null
  chatId: string
  senderName: string | null
  author: string | null
  body: string
  kind: string
  isGroup: boolean
  fromMe: boolean
  direction: 'in' | 'out'
  status: MessageState
  timestamp: string
  contactId: string | null
  campaignId: string | null
  automationId?: string
  automationSources?: { id: string; title: string }[]
  template: string | null
  replyTo: string | null
  error: MessageError | null
  content?: Content
  /** Of `message.reaction`: the provider's id of the message reacted to. */
  target?: string
}
