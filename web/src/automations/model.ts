/** What an automation is made of, and what each part begins as. Pure. */
import type { Automation, AutomationDocument, AutomationGoal, AutomationKind, AutomationPart, AutomationStep } from '@/api/views'
import { emptyWays, toFlat, toTree, type Tree, type TreeStep } from './tree'

export const TRIGGERS = ['message', 'no_answer', 'target', 'tag', 'list', 'attribute', 'contact_created', 'consent', 'campaign', 'link_clicked', 'chat', 'call_missed', 'schedule', 'webhook', 'manual'] as const
export const CONDITIONS = ['tag', 'list', 'attribute', 'variable', 'working_hours', 'hours', 'channel', 'consent', 'chat'] as const
/** Steps as they are offered, in groups. */
export const STEP_GROUPS = {
  talk: ['send', 'ask', 'ai', 'hand_over'],
  flow: ['wait', 'branch', 'end'],
  contact: ['tag', 'list', 'attribute'],
  team: ['assign', 'chat', 'notify', 'note', 'ticket'],
  more: ['webhook', 'start', 'stop'],
} as const
export type TriggerType = (typeof TRIGGERS)[number]
export type ConditionType = (typeof CONDITIONS)[number]
export type StepType = (typeof STEP_GROUPS)[keyof typeof STEP_GROUPS][number]
export const STEPS: readonly StepType[] = Object.values(STEP_GROUPS).flat()
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export interface Hours {
  start: string
  end: string
  days: string[]
  zone: string
}

/** An automation as it is edited. */
export interface Draft {
  name: string
  kind: AutomationKind
  trigger: AutomationPart
  conditions: AutomationPart[]
  tree: Tree
  limits: Record<string, unknown>
  goal: AutomationGoal
}

export const isTrigger = (type: string): type is TriggerType => TRIGGERS.some((one) => one === type)
export const isCondition = (type: string): type is ConditionType => CONDITIONS.some((one) => one === type)
export const isStep = (type: string): type is StepType => STEPS.some((one) => one === type)

export const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
export const string = (value: unknown): string => (typeof value === 'string' ? value : '')
export const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
/** What a field for numbers holds; null while it is empty. */
export const numeric = (value: unknown): number | null => (value === '' || value === null || value === undefined || Number.isNaN(Number(value)) ? null : Number(value))
export const record = (value: unknown): Record<string, unknown> | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null)

const TRIGGER_FIELDS: Record<TriggerType, Record<string, unknown>> = {
  message: { match: 'contains', words: [] }, no_answer: { by: 'us', minutes: 30 }, target: { what: 'missed' }, tag: { tag: '', given: true }, list: { list: '', given: true },
  attribute: { attribute: '' }, contact_created: {}, consent: { given: true }, campaign: { what: 'read' }, link_clicked: {}, chat: { what: 'opened' }, call_missed: {}, schedule: { times: ['09:00'], days: [] }, webhook: { phone: 'phone', variables: {} }, manual: {},
}
const CONDITION_FIELDS: Record<ConditionType, Record<string, unknown>> = {
  tag: { tag: '' }, list: { list: '' }, attribute: { attribute: '', op: 'is', values: [] }, variable: { variable: 'answer', op: 'is', values: [] },
  working_hours: { negate: true }, hours: {}, channel: { channelIds: [] }, consent: { consent: 'allowed' }, chat: { status: 'open' },
}
const STEP_FIELDS: Record<StepType, Record<string, unknown>> = {
  send: { text: '' }, ask: { text: '', check: 'any', timeoutSeconds: 86_400, tries: 3 }, hand_over: { seconds: 86_400, memberIds: [] },
  ai: { mode: 'answer', instructions: '', knowledge: [], needsSource: true, seconds: 86_400, memberIds: [] },
  wait: { seconds: 3600 }, branch: {}, end: {}, tag: { add: [], remove: [] }, list: { add: [], remove: [] }, attribute: { attribute: '', value: '' },
  assign: { memberIds: [], how: 'in_turn' }, chat: { status: 'done' }, notify: { text: '', memberIds: [] }, note: { text: '' }, ticket: { subject: '', priority: 'medium' },
  webhook: { url: '', variables: {} }, start: { automationId: '' }, stop: {},
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export const officeHours = (zone: string): Hours => ({ start: '09:00', end: '18:00', days: [...DAYS.slice(0, 5)], zone })
export const newTrigger = (type: TriggerType, zone = 'UTC'): AutomationPart => ({ type, ...copy(TRIGGER_FIELDS[type]), ...(type === 'schedule' ? { zone } : {}) })
export const newCondition = (type: ConditionType, zone: string): AutomationPart => ({ type, ...copy(CONDITION_FIELDS[type]), ...(type === 'hours' ? { hours: officeHours(zone) } : {}) })
export function newStep(type: StepType, id: string): TreeStep {
  const step: AutomationStep = { id, type, ...copy(STEP_FIELDS[type]) }
  if (type === 'branch') return { step, ways: [{ name: 'cases.0', conditions: [newCondition('variable', 'UTC')], steps: [], then: 'on' }] }
  return { step, ways: emptyWays(step) }
}

export function emptyDraft(kind: AutomationKind): Draft {
  return {
    name: '', kind, trigger: kind === 'rule' ? newTrigger('message') : newTrigger('tag'), conditions: [],
    tree: { steps: [newStep('send', 's1')], then: 'on', loose: [] }, limits: kind === 'rule' ? {} : { againAfterHours: null }, goal: { replied: true, ordered: false, tags: [] },
  }
}

/** What is stored, to be edited. */
export function asDraft(one: Pick<Automation, 'name' | 'kind' | keyof AutomationDocument>): Draft {
  const { name, kind, trigger, conditions, steps, limits, goal } = copy(one)
  return { name, kind, trigger, conditions, tree: toTree(steps), limits, goal: goal ?? { replied: true, ordered: false, tags: [] } }
}

/** Without what was left empty, so that the server says of a field that is needed that it is. */
function filled(part: AutomationPart): AutomationPart {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null && value !== undefined && value !== '')) as AutomationPart
}

/** What is sent. */
export function asBody(draft: Draft): { name: string } & AutomationDocument {
  const conditions = (all: AutomationPart[]) => all.map(filled)
  const steps = toFlat(draft.tree).map((step) => {
    const cases = step.cases as { conditions: AutomationPart[]; next: string }[] | undefined
    return { ...filled(step), id: step.id, ...(cases === undefined ? {} : { cases: cases.map((one) => ({ ...one, conditions: conditions(one.conditions) })) }) }
  })
  return copy({
    name: draft.name.trim(), trigger: filled(draft.trigger), conditions: conditions(draft.conditions), steps, limits: draft.limits,
    goal: draft.kind === 'sequence' ? draft.goal : null,
  })
}

/** Under what the draft of a version is kept. */
export const draftKey = (one: Pick<Automation, 'id' | 'version'> | null) => `jackfield.automation.${one?.id ?? ''}.${one?.version ?? 0}`

/** Whether two drafts say the same. */
export const isSame = (one: Draft, other: Draft) => JSON.stringify([one.kind, asBody(one)]) === JSON.stringify([other.kind, asBody(other)])

/**
 * The server's words by the place in the editor: of a step by its id (`step.s2.text`), of all else by its path. What is
 * told of a way of a step (`cases.0.conditions.1.values`) keeps its path after the id.
 */
export function problemsByPlace(details: Record<string, unknown>, steps: AutomationStep[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [path, said] of Object.entries(details)) {
    const message = Array.isArray(said) ? said[0] : said
    if (typeof message !== 'string') continue
    const match = /^steps\.(\d+)(?:\.(.*))?$/.exec(path)
    const id = match === null ? undefined : steps[Number(match[1])]?.id
    found.set(id === undefined ? path : `step.${id}${match?.[2] === undefined ? '' : `.${match[2]}`}`, message)
  }
  return found
}
