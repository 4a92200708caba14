/** Groups, calls, catalogs, tickets and what search finds, as the native API shows them. */
import type { Chat, Message } from './views'

export interface Group {
  id: string
  name: string | null
  kind: string
  description: string | null
  owner: string | null
  createdAt: string | null
  participantsCount: number
  readOnly: boolean
  pictureUrl: string | null
  profileId: string
  /** Only in the answer for one group. */
  participants?: Participant[]
}

export interface Participant {
  id: string
  phone: string | null
  pushName: string | null
  isAdmin: boolean
  isSuperAdmin: boolean
}

export type CallStatus = 'ringing' | 'rejected' | 'missed' | 'ended'

export interface Call {
  id: string
  profileId: string
  from: string
  contactId: string | null
  isVideo: boolean
  status: CallStatus
  startedAt: string | null
  endedAt: string | null
  durationSeconds: number | null
}

export interface Catalog {
  id: string
  profileId: string
  providerId: string
  name: string | null
  productCount: number | null
  selected: boolean
  updatedAt: string | null
  vertical: string | null
}

export interface Product {
  id: string
  retailerId: string
  name: string | null
  description: string | null
  price: string | number | null
  salePrice: string | number | null
  currency: string | null
  availability: string | null
  brand: string | null
  condition: string | null
  groupId: string | null
  imageUrl: string | null
  url: string | null
}

export type TicketStatus = 'open' | 'pending' | 'answered' | 'closed'
export type TicketPriority = 'low' | 'medium' | 'high' | 'urgent'

export interface Ticket {
  id: string
  subject: string
  body: string | null
  status: TicketStatus
  priority: TicketPriority
  departmentId: string | null
  assigneeId: string | null
  contactId: string | null
  chatId: string | null
  createdAt: string | null
  updatedAt: string | null
  closedAt: string | null
}

export interface TicketReply {
  id: string
  ticketId: string
  memberId: string | null
  text: string
  createdAt: string | null
}

/** A part of a text; ranges count characters (code points): the first of a word that was found, and the one after its last. */
export interface Snippet {
  text: string
  ranges: { start: number; end: number }[]
}

export interface SearchFound {
  contacts: { id: string; name: string; phone: string | null; email: string | null }[]
  chats: Chat[]
  messages: { chat: { id: string; name: string }; message: Message; snippet: Snippet }[]
  campaigns: { id: string; name: string; status: string }[]
}

/** Filters of the inbox under a name; `filter` has parameters of `GET /chats`. */
export interface SavedView {
  id: string
  name: string
  shared: boolean
  filter: Record<string, unknown>
}

/** The target for a reply or the end of a chat that is due next. */
export interface ChatTarget {
  kind: 'first_reply' | 'next_reply' | 'resolution'
  state: 'running' | 'due_soon' | 'missed'
  warnAt: string
  dueAt: string
}

/** Targets in minutes, of a department, of a channel, or of the workspace. */
export interface ReplyTarget {
  profileId: string | null
  departmentId: string | null
  firstReplyMinutes: number | null
  nextReplyMinutes: number | null
  resolutionMinutes: number | null
  workingHours: boolean
  warnPercent: number
}

/** What people are asked after a chat is done. */
export interface Survey {
  enabled: boolean
  scale: 'stars' | 'thumbs'
  text: string
  thanks: string
  commentText: string
  lowRating: number
  restDays: number
  answerHours: number
}

export interface SurveyAnswer {
  id: string
  chatId: string
  contactName: string
  memberId: string | null
  scale: 'stars' | 'thumbs'
  rating: number
  comment: string | null
  answeredAt: string
}
