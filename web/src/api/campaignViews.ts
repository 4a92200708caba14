/** Campaigns and their figures, as the native API shows them. */
import type { Content, MessageState } from './views'

export type CampaignState = 'draft' | 'scheduled' | 'running' | 'paused' | 'finished' | 'cancelled'

/** Each stage contains the later ones: `sent` counts delivered and read too. */
export interface Figures {
  total: number
  counts: Partial<Record<MessageState, number>>
  pending: number
  sent: number
  delivered: number
  read: number
  failed: number
  cancelled: number
  skipped: number
  uncertain: number
}

export interface Campaign extends Figures {
  id: string
  name: string
  kind: 'broadcast' | 'api' | 'bulk'
  profileId: string
  status: CampaignState
  category: string
  content: Content | null
  audience: Record<string, unknown>
  tag: string | null
  template: string | null
  /** Recipients get short links, and who follows one is counted. */
  trackLinks: boolean
  /** Recipients are still being written down. */
  preparing: boolean
  pauseReason: string | null
  scheduledAt: string | null
  startedAt: string | null
  finishedAt: string | null
  createdAt: string
}

export interface FailureReason {
  status: MessageState
  code: string | null
  count: number
  title?: string
  cause?: string
  remedy?: string
  link?: string
}

export interface CampaignStats extends Figures {
  id: string
  status: CampaignState
  replied: number
  held: { code: string; message: string; budget: { limit: number; used: number; freeAt: string | null } | null } | null
  reasons: FailureReason[]
}

/** A link as the content has it; `machines` are visits of previews and robots. */
export interface CampaignLink {
  id: string
  url: string
  recipients: number
  clicked: number
  clicks: number
  machines: number
  firstAt: string | null
  lastAt: string | null
}
