/** What programs have to do with, as the native API shows it: webhooks, keys, what could not be applied. */

export interface Webhook {
  id: string
  url: string
  events: string[]
  format: string
  profileId: string | null
  enabled: boolean
  disabledReason: string | null
  failingSince: string | null
  /** Only in the answers that make or change it. */
  secret?: string
  createdAt: string | null
}

export type DeliveryState = 'pending' | 'delivered' | 'parked' | 'cancelled'

export interface Delivery {
  id: string
  webhookId: string
  eventId: string
  event: string
  messageId: string
  status: DeliveryState
  attempts: number
  nextAttemptAt: string | null
  responseStatus: number | null
  responseBody: string | null
  error: string | null
  durationMs: number | null
  createdAt: string | null
  finishedAt: string | null
  /** Only in the answer for one delivery. */
  data?: Record<string, unknown> | null
  profileId?: string | null
}

export interface Key {
  id: string
  name: string
  prefix: string
  scopes: string[]
  profileId: string | null
  memberId: string | null
  createdAt: string | null
  expiresAt: string | null
  lastUsedAt: string | null
  revokedAt: string | null
}

/** A key with its secret, which is shown once. */
export interface NewKey extends Key {
  key: string
}

export interface InboundProblem {
  id: string
  profileId: string
  reason: string
  explanation: string
  kind: string
  detail: string | null
  messageId: string | null
  status: 'open' | 'resolved'
  attempts: number
  createdAt: string | null
  triedAt: string | null
  resolvedAt: string | null
  /** Only in the answer for one problem. */
  raw?: unknown
}
