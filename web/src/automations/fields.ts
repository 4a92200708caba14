/** The form of each trigger, condition and step: which fields it has, and how each is asked for. Pure. */
import type { AutomationPart } from '@/api/views'
import type { TextKey } from '@/i18n'
import { record, string, words } from './model'

export type Widget = 'line' | 'long' | 'number' | 'choice' | 'words' | 'switch' | 'span' | 'hours' | 'kinds' | 'members' | 'knowledge' | 'channels' | 'department' | 'team' | 'automation' | 'pairs' | 'tag' | 'list' | 'attribute' | 'tags' | 'lists' | 'days' | 'zone' | 'message'

export interface Field {
  name: string
  widget: Widget
  label: TextKey
  help?: TextKey
  /** Of a choice: its values and words. A value that is true or false is stored as such; `always` is stored as nothing. */
  options?: { value: string; label: TextKey }[]
  /** May be left empty. */
  optional?: boolean
  /** What stands where nothing is chosen. */
  none?: TextKey
  least?: number
  most?: number
  when?: (part: AutomationPart) => boolean
}

type More = Partial<Omit<Field, 'name' | 'widget'>>
const field = (name: string, widget: Widget, more: More = {}): Field => ({ name, widget, label: `automations.fields.${name}` as TextKey, ...more })
const choice = (name: string, values: readonly string[], more: More = {}): Field =>
  field(name, 'choice', { options: values.map((value) => ({ value, label: `automations.options.${name}.${value}` as TextKey })), ...more })
const given = (noun: 'tag' | 'list' | 'consent'): Field =>
  field('given', 'choice', { options: [{ value: 'true', label: `automations.options.given.${noun}True` }, { value: 'false', label: `automations.options.given.${noun}False` }] })
const is = (name: string, ...values: string[]) => (part: AutomationPart) => values.includes(string(part[name]))

const NEGATE: Field = choice('negate', ['false', 'true'])
const WHOSE: Field = field('departmentId', 'department', { optional: true, help: 'automations.help.working' })
const TEAM: Field = field('departmentId', 'team', { label: 'automations.fields.team', optional: true })
const COMPARED: Field[] = [choice('op', ['is', 'contains', 'exists', 'less', 'greater']), field('values', 'words', { help: 'automations.help.values', when: (part) => part.op !== 'exists' })]

export const TRIGGER_FIELDS: Record<string, Field[]> = {
  message: [
    choice('match', ['any', 'contains', 'exact', 'starts', 'pattern']),
    field('words', 'words', { help: 'automations.help.words', when: is('match', 'contains', 'exact', 'starts') }),
    field('pattern', 'line', { when: is('match', 'pattern') }),
    field('buttons', 'words', { optional: true, help: 'automations.help.tags' }),
    field('kinds', 'kinds', { optional: true }),
    field('fromAd', 'switch'),
    field('adIds', 'words', { optional: true, help: 'automations.help.adIds', when: (part) => part.fromAd === true }),
    choice('first', ['always', 'ever', 'days']),
    field('days', 'number', { least: 1, most: 3650, when: is('first', 'days') }),
  ],
  no_answer: [choice('by', ['us', 'them']), field('minutes', 'number', { least: 1, most: 43_200 }), field('whileOpen', 'switch'), { ...WHOSE, when: (part) => part.whileOpen === true }],
  target: [
    choice('what', ['missed', 'due_soon']),
    choice('target', ['always', 'first_reply', 'next_reply', 'resolution']),
    { ...TEAM, label: 'automations.fields.onlyTeam', none: 'ui.any', help: 'automations.help.targets' },
  ],
  tag: [field('tag', 'tag'), given('tag')],
  list: [field('list', 'list'), given('list')],
  attribute: [field('attribute', 'attribute'), field('value', 'line', { label: 'automations.fields.toValue', optional: true })],
  contact_created: [field('sources', 'words', { optional: true, help: 'automations.help.tags' })],
  consent: [given('consent')],
  campaign: [choice('what', ['delivered', 'read', 'replied', 'failed'])],
  chat: [choice('what', ['opened', 'assigned', 'snoozed', 'done']), field('memberIds', 'members', { label: 'automations.fields.assignedTo', optional: true, when: is('what', 'assigned') })],
  link_clicked: [field('contains', 'line', { label: 'automations.fields.linkContains', optional: true })],
  call_missed: [],
  schedule: [
    field('times', 'words', { help: 'automations.help.times' }),
    field('days', 'days', { label: 'automations.hours.days', optional: true }),
    field('zone', 'zone', { label: 'automations.hours.zone' }),
    field('list', 'list', { label: 'automations.fields.forList', optional: true, help: 'automations.help.whom' }),
    field('tag', 'tag', { label: 'automations.fields.forTag', optional: true }),
  ],
  webhook: [field('phone', 'line', { help: 'automations.help.phone' }), field('name', 'line', { label: 'automations.fields.personName', optional: true }), field('variables', 'pairs', { optional: true, help: 'automations.help.variables' })],
  manual: [],
}

export const CONDITION_FIELDS: Record<string, Field[]> = {
  tag: [NEGATE, field('tag', 'tag')],
  list: [NEGATE, field('list', 'list')],
  attribute: [NEGATE, field('attribute', 'attribute'), ...COMPARED],
  variable: [NEGATE, field('variable', 'line'), ...COMPARED],
  working_hours: [field('negate', 'choice', { options: [{ value: 'false', label: 'automations.options.working.within' }, { value: 'true', label: 'automations.options.working.outside' }] }), WHOSE],
  hours: [NEGATE, field('hours', 'hours')],
  channel: [NEGATE, field('channelIds', 'channels')],
  consent: [NEGATE, choice('consent', ['allowed', 'given', 'refused'])],
  chat: [NEGATE, choice('status', ['open', 'done', 'assigned'])],
}

/** What a wait may end by, before its time is over. */
const AWAITED: Field[] = [
  choice('event', ['always', 'read', 'tag', 'list', 'attribute', 'ordered', 'link', 'done'], { when: (part) => part.reply !== true }),
  field('name', 'tag', { label: 'automations.fields.tag', when: is('event', 'tag') }),
  field('name', 'list', { label: 'automations.fields.list', when: is('event', 'list') }),
  field('name', 'attribute', { label: 'automations.fields.attribute', when: is('event', 'attribute') }),
  field('value', 'line', { label: 'automations.fields.toValue', optional: true, when: is('event', 'attribute') }),
]

const isNone = (value: unknown) => value === null || value === undefined || value === ''
const hasChoices = (part: AutomationPart) => words(part.buttons).length > 0 || (part.menu !== null && part.menu !== undefined)

export const STEP_FIELDS: Record<string, Field[]> = {
  send: [field('text', 'message', { label: 'automations.fields.message' })],
  ask: [
    field('text', 'message', { label: 'automations.fields.message' }),
    choice('check', ['any', 'number', 'email', 'phone', 'date', 'choice']),
    field('choices', 'words', { help: 'automations.help.choices', when: (part) => part.check === 'choice' && !hasChoices(part) }),
    field('attribute', 'attribute', { label: 'automations.fields.keep', optional: true }),
    field('again', 'line', { optional: true, when: (part) => part.check !== 'any' }),
    field('tries', 'number', { least: 1, most: 10, when: (part) => part.check !== 'any' }),
    field('timeoutSeconds', 'span'),
  ],
  ai: [
    choice('mode', ['answer', 'suggest']),
    field('instructions', 'long', { optional: true, help: 'automations.help.instructions' }),
    field('knowledge', 'knowledge', { optional: true, help: 'automations.help.knowledge' }),
    field('needsSource', 'switch'),
    field('personWords', 'words', { optional: true, help: 'automations.help.personWords' }),
    field('seconds', 'span', { label: 'automations.fields.silence', when: is('mode', 'answer') }),
    field('memberIds', 'members', { optional: true, help: 'automations.help.members', when: is('mode', 'answer') }),
  ],
  hand_over: [field('seconds', 'span', { label: 'automations.fields.silence' }), { ...TEAM, help: 'automations.help.team' }, field('memberIds', 'members', { optional: true, help: 'automations.help.members' })],
  wait: [field('seconds', 'span'), field('untilOpen', 'switch', { when: (part) => record(part.until) === null }), { ...WHOSE, when: (part) => part.untilOpen === true }, field('until', 'hours', { optional: true, when: (part) => part.untilOpen !== true }), field('reply', 'switch', { when: (part) => string(part.event) === '' }), ...AWAITED],
  branch: [],
  end: [],
  tag: [field('add', 'tags', { optional: true, help: 'automations.help.tags' }), field('remove', 'tags', { optional: true, help: 'automations.help.tags' })],
  list: [field('add', 'lists', { optional: true, help: 'automations.help.tags' }), field('remove', 'lists', { optional: true, help: 'automations.help.tags' })],
  attribute: [field('attribute', 'attribute'), field('value', 'line', { optional: true })],
  assign: [
    { ...TEAM, help: 'automations.help.team' },
    choice('how', ['nobody', 'in_turn', 'least_busy'], { label: 'automations.fields.howTeam', when: (part) => !isNone(part.departmentId) && words(part.memberIds).length === 0 }),
    field('memberIds', 'members', { optional: true, when: (part) => isNone(part.departmentId) || part.how !== 'nobody' }),
    choice('how', ['in_turn', 'least_busy'], { when: (part) => words(part.memberIds).length > 1 || (part.how === 'nobody' && words(part.memberIds).length > 0) }),
  ],
  chat: [choice('status', ['open', 'done', 'snoozed']), field('seconds', 'span', { when: is('status', 'snoozed') })],
  notify: [field('text', 'long'), field('memberIds', 'members', { optional: true, help: 'automations.help.told' })],
  note: [field('text', 'long')],
  ticket: [field('subject', 'line'), field('body', 'long', { optional: true }), choice('priority', ['low', 'medium', 'high', 'urgent'])],
  webhook: [field('url', 'line', { help: 'automations.help.url' }), field('variables', 'pairs', { optional: true, help: 'automations.help.variables' })],
  start: [field('automationId', 'automation')],
  stop: [field('automationId', 'automation', { optional: true })],
}

/** What a choice stores. */
export function stored(value: string): unknown {
  if (value === 'true') return true
  if (value === 'false') return false
  return value === 'always' ? null : value
}

/** The value of a choice that is stored. */
export function chosen(field: Field, value: unknown): string {
  const options = field.options ?? []
  const wanted = value === null || value === undefined ? (options.find((one) => one.value === 'always') ?? options[0])?.value ?? '' : String(value)
  return wanted
}
