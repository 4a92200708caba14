/** Automations, their runs and figures, as the native API shows them. */

export type AutomationKind = 'rule' | 'sequence'

/** A trigger or a condition: its type and the fields of that type. */
export interface AutomationPart {
  type: string
  [field: string]: unknown
}

/** One of the cases of a branch. */
export interface AutomationCase {
  conditions: AutomationPart[]
  next: string
}

export interface AutomationStep extends AutomationPart {
  id: string
  /** Where it goes on: a step's id, `end`, or the next of the list where it is left out. */
  next?: string | null
}

export interface AutomationGoal {
  replied: boolean
  ordered: boolean
  tags: string[]
}

export interface AutomationDocument {
  trigger: AutomationPart
  conditions: AutomationPart[]
  steps: AutomationStep[]
  limits: Record<string, unknown>
  goal: AutomationGoal | null
}

export interface Automation extends AutomationDocument {
  id: string
  name: string
  kind: AutomationKind
  enabled: boolean
  version: number
  hookUrl: string | null
  /** Why it rests after too many failures. */
  restReason: string | null
  /** People who are in it now. */
  running: number
  createdAt: string | null
  updatedAt: string | null
}

/** A ready-made automation to begin with. */
export interface AutomationRecipe extends AutomationDocument {
  key: string
  title: string
  about: string
  kind: AutomationKind
}

export type RunState = 'running' | 'waiting' | 'done' | 'stopped' | 'failed'

export interface AutomationRun {
  id: string
  automationId: string
  version: number
  contactId: string
  profileId: string | null
  to: string | null
  state: RunState
  step: string
  steps: number
  dueAt: string | null
  waitsFor: string | null
  reason: string | null
  startedAt: string
  updatedAt: string | null
  endedAt: string | null
}

export interface StepFigures {
  step: string
  done: number
  skipped: number
  failed: number
  waiting: number
  reasons: Record<string, number>
}

export interface AutomationFigures {
  runs: Record<RunState, number>
  steps: StepFigures[]
}

/** A step that a dry run would take; `text` is what it would send or write down. */
export interface TriedStep {
  step: string
  type: string
  text: string | null
}

export interface TriedEvent {
  at: string | null
  contactId: string
  contactName: string
  messageId: string | null
  text: string
  steps: TriedStep[]
}

export interface TriedPast {
  lookedAt: number
  matched: number
  people: number
  /** Whether everything of the time was looked at. */
  complete: boolean
  found: TriedEvent[]
}

/** A dry run: with one message, or with the past. */
export interface AutomationTrial {
  matches: boolean
  /** Why a message would not start it: `trigger`, `conditions`. */
  why: string | null
  steps: TriedStep[]
  past: TriedPast | null
}

/** `data` of the event `automation.notified`. */
export interface AutomationNotice {
  id: string
  name: string
  text: string
  memberIds: string[]
  contactId: string
  contactName: string
  chatId: string | null
}
