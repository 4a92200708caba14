/** Answers about channels, the account and the workspace. */

/** What the provider has said of a number. */
export interface ProfileAccount {
  throughput: number | null
  /** People per 24 hours, or a tier's name; -1: no limit. */
  messagingLimit: number | string | null
  quality: string | null
}

/** A field of an engine's configuration, as JSON Schema describes it. */
export interface ConfigProperty {
  type?: string
  title?: string
  description?: string
  default?: unknown
  enum?: string[]
  writeOnly?: boolean
  minimum?: number
  maximum?: number
  maxLength?: number
  anyOf?: ConfigProperty[]
}

export interface ConfigSchema {
  properties?: Record<string, ConfigProperty>
  required?: string[]
}

/** What a person must do now to log a channel in. */
export interface LoginStep {
  type: 'qr' | 'pairing_code' | 'fields' | null
  code?: string | null
  expiresAt?: string | null
  schema?: ConfigSchema | null
  why?: string | null
}

export interface LoginStatus {
  id: string
  status: string
  reason: string | null
  login: LoginStep | null
}

export interface Budget {
  limit: number
  used: number
  freeAt: string | null
}

/** How fast a channel may send; what is left out is as its network advises. */
export interface Pacing {
  rate?: number
  burst?: number
  delayMs?: [number, number]
  perRecipientS?: number
  dailyCap?: number
  uniquePer24h?: number
  warmUpStart?: number
  warmUpGrowth?: number
  quietHours?: { start: string; end: string; timezone: string }
  [other: string]: unknown
}

/** What people see of the business behind a number. */
export interface Business {
  about: string | null
  address: string | null
  description: string | null
  email: string | null
  websites: string[]
  vertical: string | null
  pictureUrl: string | null
}

/** The member who is logged in. */
export interface OwnProfile {
  id: string
  email: string
  firstName: string
  lastName: string
  role: string
  /** The language that they chose for their pages (BCP 47). */
  language: string | null
  away: boolean
}

export interface LoginSession {
  id: string
  ip: string | null
  userAgent: string | null
  createdAt: string
  lastUsedAt: string | null
  current: boolean
}

export interface SecondFactor {
  enabled: boolean
  /** Whether the workspace lets nobody work without one. */
  required: boolean
  confirmedAt: string | null
  recoveryCodesLeft: number
}

export interface Invitation {
  id: string
  email: string
  role: string
  createdAt: string
  expiresAt: string
}

export interface Department {
  id: string
  name: string
}

/** From `start` to `end` (HH:MM); an end that is not after the start is on the next day. */
export interface WorkingSpan {
  start: string
  end: string
}

export interface Holiday {
  date: string
  name: string
  yearly: boolean
  hours: WorkingSpan[]
}

export type WeekDay = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

export interface WorkingHours {
  /** Whose hours these are; `none`: nobody has set any, which means always. */
  source: 'department' | 'workspace' | 'none'
  timezone: string
  days: Record<WeekDay, WorkingSpan[]>
  holidays: Holiday[]
  open: boolean
  opensAt: string | null
  closesAt: string | null
}

/** Who gets chats that open without an assignee. */
export interface AssignmentRule {
  id: string
  name: string
  enabled: boolean
  profileIds: string[]
  tags: string[]
  hours: 'open' | 'closed' | null
  visit: 'first' | 'again' | null
  how: 'round_robin' | 'least_busy'
  memberIds: string[]
  departmentId: string | null
  onlineOnly: boolean
  maxOpen: number | null
}

export interface AssignmentNext {
  ruleId: string
  memberId: string | null
  candidates: { memberId: string; name: string; open: number; refusal: 'away' | 'offline' | 'full' | null }[]
}

export interface ChatAssignment {
  id: string
  chatId: string
  memberId: string | null
  ruleId: string
  ruleName: string
  createdAt: string
}

export interface Workspace {
  id: string
  name: string
  timezone: string
  defaultCountry: string | null
  defaultProfileId: string | null
  settings: Record<string, unknown>
}

export interface Engine {
  name: string
  title: string
  capabilities: string[]
  kinds: string[]
  configSchema: ConfigSchema
  /** What must be installed first; null when all is there. */
  missing: string | null
}
