/** Reports: spans of days, gaps filled for the chart, and the columns of the table. */
export const BYS = ['day', 'profile', 'template', 'tag', 'campaign', 'category', 'status'] as const
export type By = (typeof BYS)[number]

export interface UsageSums {
  total: number
  received: number
  sent: number
  delivered: number
  read: number
  failed: number
  skipped: number
  pending: number
}

export interface UsageRow extends UsageSums {
  key: string
  name: string | null
}

export interface UsageReport {
  by: By
  from: string
  until: string
  rows: UsageRow[]
  sum: UsageSums
}

export interface Waits {
  count: number
  /** Seconds; null when nobody was answered. */
  median: number | null
  p90: number | null
}

export interface ResponseSums {
  first: Waits
  all: Waits
  waiting: number
  unanswered: number
}

export interface ResponseRow extends ResponseSums {
  key: string
  name: string | null
}

export interface ResponseReport {
  by: string
  zone: string
  rows: ResponseRow[]
  sum: ResponseSums
}

export interface TargetFigures {
  count: number
  met: number
  /** 0 to 1; null when none has ended. */
  share: number | null
  /** Seconds. */
  median: number | null
  late: number
}

export const TARGETS = ['firstReply', 'nextReply', 'resolution'] as const
export type TargetSums = Record<(typeof TARGETS)[number], TargetFigures>
export type TargetRow = TargetSums & { key: string; name: string | null }

export interface TargetReport {
  rows: TargetRow[]
  sum: TargetSums
}

export interface SurveyFigures {
  asked: number
  answered: number
  answeredShare: number | null
  average: number | null
  contentShare: number | null
  comments: number
}
export type SurveyRow = SurveyFigures & { key: string; name: string | null }

export interface SurveyReport {
  rows: SurveyRow[]
  sum: SurveyFigures
}

const DAY = 86_400_000

/** The beginning of the first of so many days, today included; days are UTC, as the server counts them. */
export function spanStart(days: number, now: Date): string {
  return new Date(Math.floor(now.getTime() / DAY) * DAY - (days - 1) * DAY).toISOString()
}

const NOTHING: UsageSums = { total: 0, received: 0, sent: 0, delivered: 0, read: 0, failed: 0, skipped: 0, pending: 0 }

/** A row for each day of the span, in order; days without messages are zero. */
export function everyDay(rows: UsageRow[], days: number, now: Date): UsageRow[] {
  const known = new Map(rows.map((row) => [row.key, row]))
  const start = Date.parse(spanStart(days, now))
  return Array.from({ length: days }, (_, index) => {
    const key = new Date(start + index * DAY).toISOString().slice(0, 10)
    return known.get(key) ?? { key, name: null, ...NOTHING }
  })
}

export const COLUMNS = ['received', 'sent', 'delivered', 'read', 'failed', 'skipped', 'pending'] as const
