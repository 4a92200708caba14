/** What an automation does, in plain words of the page's language. Pure but for that language. */
import type { AutomationPart, AutomationStep } from '@/api/views'
import { isolate } from '@/format/direction'
import { settings } from '@/format/settings'
import { text, type TextKey } from '@/i18n'
import { DAYS, type Hours, number, record, string, words } from './model'
import type { Way } from './tree'

/** What things are called of which a document has the ids alone. */
export interface Names {
  channel: (id: string) => string | null | undefined
  member: (id: string) => string | null | undefined
  automation: (id: string) => string | null | undefined
  department: (id: string) => string | null | undefined
}
export const NO_NAMES: Names = { channel: () => null, member: () => null, automation: () => null, department: () => null }

const MOST = 60
const say = (key: string, values: Record<string, string | number> = {}) => text(`automations.sentence.${key}` as TextKey, values)
const quoted = (word: string) => say('quoted', { word: word.length > MOST ? `${word.slice(0, MOST).trimEnd()}…` : word })

function listed(all: string[], type: 'conjunction' | 'disjunction'): string {
  return new Intl.ListFormat(settings.locale, { type }).format(all)
}
const either = (all: string[]) => (all.length === 0 ? '…' : listed(all.map(quoted), 'disjunction'))
const each = (all: string[]) => (all.length === 0 ? '…' : listed(all.map(quoted), 'conjunction'))
const named = (name: string) => (name === '' ? '…' : quoted(name))
const known = (ids: unknown, of: (id: string) => string | null | undefined) => either(words(ids).map((id) => of(id) ?? `#${id}`))

export type Unit = 'second' | 'minute' | 'hour' | 'day'
export const UNITS: Record<Unit, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 }

/** The largest unit that divides a number of seconds. */
export function unitOf(seconds: number): Unit {
  return (['day', 'hour', 'minute'] as const).find((unit) => seconds > 0 && seconds % UNITS[unit] === 0) ?? 'second'
}

/** "2 hours". */
export function span(seconds: unknown): string {
  const value = number(seconds) ?? 0
  const unit = unitOf(value)
  return new Intl.NumberFormat(settings.locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value / UNITS[unit])
}

/** The first letter large, where letters are. */
export function sentence(of: string): string {
  const letter = /^\p{Ll}/u.exec(of)
  return letter === null ? of : letter[0].toLocaleUpperCase(settings.locale) + of.slice(letter[0].length)
}

export function hoursWords(value: unknown): string {
  const hours = record(value) as Hours | null
  if (hours === null) return '…'
  const days = DAYS.filter((day) => words(hours.days).includes(day))
  const times = { start: isolate(hours.start), end: isolate(hours.end) }
  return days.length === 0 || days.length === DAYS.length ? say('hours', times) : say('hoursOn', { ...times, days: listed(days.map((day) => text(`automations.days.${day}`)), 'conjunction') })
}

function messageWords(trigger: AutomationPart): string {
  const kinds = words(trigger.kinds).map((one) => text(`messages.kinds.${one}` as TextKey))
  const match = string(trigger.match) || 'any'
  const buttons = words(trigger.buttons)
  let when = say('when.any')
  if (buttons.length > 0) when = say('when.buttons', { words: either(buttons) })
  else if (match === 'pattern') when = say('when.pattern', { words: named(string(trigger.pattern)) })
  else if (match !== 'any') when = say(`when.${match}`, { words: either(words(trigger.words)) })
  else if (kinds.length > 0) when = say('when.kinds', { words: either(kinds) })
  if (trigger.fromAd === true || words(trigger.adIds).length > 0) when = say('when.ad', { when })
  if (trigger.first === 'ever') return say('when.first', { when })
  return trigger.first === 'days' ? say('when.days', { when, time: span((number(trigger.days) ?? 30) * 86_400) }) : when
}

const CHANGES = ['opened', 'assigned', 'snoozed', 'done'] as const

function scheduleWords(trigger: AutomationPart): string {
  const days = DAYS.filter((day) => words(trigger.days).includes(day))
  const times = words(trigger.times).length === 0 ? '…' : listed(words(trigger.times).map(isolate), 'disjunction')
  const when = days.length === 0 || days.length === DAYS.length ? say('when.at', { times }) : say('when.atOn', { times, days: listed(days.map((day) => text(`automations.days.${day}`)), 'disjunction') })
  return string(trigger.list) === '' ? say('when.forTag', { when, name: named(string(trigger.tag)) }) : say('when.forList', { when, name: named(string(trigger.list)) })
}

function targetWords(trigger: AutomationPart, names: Names): string {
  const kind = (['first_reply', 'next_reply', 'resolution'] as const).find((one) => one === trigger.target) ?? 'any'
  const when = say(trigger.what === 'due_soon' ? 'when.targetSoon' : 'when.targetMissed', { target: say(`target.${kind}`) })
  return isNothing(trigger.departmentId) ? when : say('when.ofTeam', { when, name: known([trigger.departmentId], names.department) })
}

/** What starts it: "a message contains “price”". */
export function triggerWords(trigger: AutomationPart, names: Names = NO_NAMES): string {
  const given = trigger.given !== false
  switch (trigger.type) {
    case 'message': return messageWords(trigger)
    case 'tag': return say(given ? 'when.tag' : 'when.untag', { name: named(string(trigger.tag)) })
    case 'list': return say(given ? 'when.list' : 'when.unlist', { name: named(string(trigger.list)) })
    case 'attribute': return string(trigger.value) === '' ? say('when.attribute', { name: named(string(trigger.attribute)) }) : say('when.attributeTo', { name: named(string(trigger.attribute)), value: quoted(string(trigger.value)) })
    case 'contact_created': return words(trigger.sources).length === 0 ? say('when.contact') : say('when.contactFrom', { words: either(words(trigger.sources)) })
    case 'consent': return say(given ? 'when.consent' : 'when.refusal')
    case 'campaign': return say(`when.${['delivered', 'read', 'replied', 'failed'].find((one) => one === trigger.what) ?? 'delivered'}`)
    case 'chat': return trigger.what === 'assigned' && words(trigger.memberIds).length > 0 ? say('when.assignedTo', { words: known(trigger.memberIds, names.member) }) : say(`when.${CHANGES.find((one) => one === trigger.what) ?? 'opened'}`)
    case 'link_clicked': return string(trigger.contains) === '' ? say('when.link') : say('when.linkWith', { value: quoted(string(trigger.contains)) })
    case 'call_missed': return say('when.missed')
    case 'target': return targetWords(trigger, names)
    case 'schedule': return scheduleWords(trigger)
    case 'no_answer': {
      const time = span((number(trigger.minutes) ?? 0) * 60)
      return say(trigger.by === 'them' ? 'when.them' : 'when.us', { time: trigger.whileOpen === true ? say('open', { time }) : time })
    }
    case 'webhook': return say('when.webhook')
    case 'manual': return say('when.manual')
    default: return say('unknown', { type: trigger.type })
  }
}

/** What must hold: "the contact has the tag “vip”". */
export function conditionWords(one: AutomationPart, names: Names = NO_NAMES): string {
  const key = (name: string) => `if.${one.negate === true ? `not${name.charAt(0).toUpperCase()}${name.slice(1)}` : name}`
  switch (one.type) {
    case 'channel': return say(key('channel'), { name: known(one.channelIds, names.channel) })
    case 'tag': return say(key('tag'), { name: named(string(one.tag)) })
    case 'list': return say(key('list'), { name: named(string(one.list)) })
    case 'attribute': return say(key(string(one.op) || 'is'), { name: named(string(one.attribute)), words: either(words(one.values)) })
    case 'variable': {
      const variable = string(one.variable) || 'answer'
      return say(key(string(one.op) || 'is'), { name: variable === 'answer' ? say('if.answer') : quoted(variable), words: either(words(one.values)) })
    }
    case 'working_hours': return isNothing(one.departmentId) ? say(key('working')) : say(key('workingOf'), { name: known([one.departmentId], names.department) })
    case 'hours': return say(key('hours'), { hours: hoursWords(one.hours) })
    case 'consent': return say(key(string(one.consent) || 'allowed'))
    case 'chat': return say(key(string(one.status) || 'open'))
    default: return say('unknown', { type: one.type })
  }
}

export const conditionsWords = (all: AutomationPart[], names: Names = NO_NAMES) => listed(all.map((one) => conditionWords(one, names)), 'conjunction')

function messageOf(step: AutomationPart): string {
  const template = record(step.template)
  if (template !== null) return say('do.template', { name: named(string(template.name)) })
  const what = string(step.text).trim()
  const titles = (value: unknown) => (Array.isArray(value) ? value : []).map((one) => string((one as AutomationPart).title))
  const menu = record(step.menu)
  if (titles(step.buttons).length > 0) return say('do.sendButtons', { what: named(what), words: each(titles(step.buttons)) })
  if (menu !== null) return say('do.sendList', { what: named(what), words: each(titles(menu.rows)) })
  if (record(step.file) !== null) return say('do.file')
  return what === '' ? say('do.empty') : say('do.send', { what: quoted(what) })
}

function questionOf(step: AutomationPart): string {
  const what = string(step.text).trim()
  if (what === '') return say('do.askEmpty')
  const name = string(step.attribute)
  return name === '' ? say('do.ask', { what: quoted(what) }) : say('do.askKeep', { what: quoted(what), name: quoted(name) })
}

const isNothing = (value: unknown) => value === undefined || value === null || value === ''

/** What a wait ends by: "the tag “paid” is given". */
function awaitedWords(step: AutomationPart): string {
  const key = step.event === 'attribute' && string(step.value) !== '' ? 'attributeTo' : string(step.event)
  return say(`until.${key}`, { name: named(string(step.name)), value: quoted(string(step.value)) })
}

function waitOf(step: AutomationPart, names: Names): string {
  const time = span(step.seconds)
  if (step.reply === true) return say('do.waitReply', { time })
  if (string(step.event) !== '') return say('do.waitEvent', { time, what: awaitedWords(step) })
  if (step.untilOpen === true) {
    const opens = isNothing(step.departmentId) ? say('do.waitOpen') : say('do.waitOpenOf', { name: known([step.departmentId], names.department) })
    return number(step.seconds) === null ? opens : say('do.both', { first: say('do.wait', { time }), second: opens })
  }
  const until = record(step.until)
  if (until === null) return say('do.wait', { time })
  return number(step.seconds) === null ? say('do.waitUntil', { hours: hoursWords(until) }) : say('do.waitBoth', { time, hours: hoursWords(until) })
}

function labelsOf(step: AutomationPart, give: string, take: string, nothing: string): string {
  const add = words(step.add)
  const remove = words(step.remove)
  const first = say(give, { words: each(add) })
  const second = say(take, { words: each(remove) })
  if (add.length === 0) return remove.length === 0 ? say(nothing) : second
  return remove.length === 0 ? first : say('do.both', { first, second })
}

const host = (url: string) => (/^https?:\/\/([^/?#]+)/.exec(url)?.[1] ?? url)

function assignWords(step: AutomationPart, names: Names): string {
  const members = words(step.memberIds)
  if (isNothing(step.departmentId)) return members.length === 0 || step.how === 'nobody' ? say('do.assignNobody') : say('do.assign', { words: known(members, names.member) })
  const name = known([step.departmentId], names.department)
  if (step.how === 'nobody') return say('do.assignTeam', { name })
  if (members.length > 0) return say('do.assignTeamTo', { name, words: known(members, names.member) })
  return say(step.how === 'least_busy' ? 'do.assignTeamLeast' : 'do.assignTeamTurn', { name })
}

/** What a step does: "send “Hello”". */
export function stepWords(step: AutomationPart, names: Names = NO_NAMES): string {
  switch (step.type) {
    case 'send': return messageOf(step)
    case 'ask': return questionOf(step)
    case 'wait': return waitOf(step, names)
    case 'branch': return say('do.branch')
    case 'tag': return labelsOf(step, 'do.tag', 'do.untag', 'do.tagNothing')
    case 'list': return labelsOf(step, 'do.list', 'do.unlist', 'do.listNothing')
    case 'attribute': return string(step.value) === '' ? say('do.attributeClear', { name: named(string(step.attribute)) }) : say('do.attribute', { name: named(string(step.attribute)), value: quoted(string(step.value)) })
    case 'assign': return assignWords(step, names)
    case 'chat': return say(`do.${string(step.status) || 'open'}`, { time: span(step.seconds ?? 3600) })
    case 'notify': return words(step.memberIds).length === 0 ? say('do.tellAll', { what: named(string(step.text)) }) : say('do.tell', { words: known(step.memberIds, names.member), what: named(string(step.text)) })
    case 'note': return say('do.note', { what: named(string(step.text)) })
    case 'ticket': return say('do.ticket', { what: named(string(step.subject)) })
    case 'webhook': return say('do.webhook', { name: named(host(string(step.url))) })
    case 'ai': return say(step.mode === 'suggest' ? 'do.aiSuggest' : 'do.aiAnswer')
    case 'start': return say('do.start', { name: known([step.automationId ?? ''].filter((id) => id !== ''), names.automation) })
    case 'stop': return step.automationId === undefined || step.automationId === null || step.automationId === '' ? say('do.stopAll') : say('do.stop', { name: known([step.automationId], names.automation) })
    case 'hand_over': return isNothing(step.departmentId) ? say('do.handOver', { time: span(step.seconds ?? 86_400) }) : say('do.handOverTeam', { name: known([step.departmentId], names.department), time: span(step.seconds ?? 86_400) })
    case 'end': return say('do.end')
    default: return say('unknown', { type: step.type })
  }
}

/** In which case a way is gone. */
export function wayWords(step: AutomationPart, way: Way, names: Names = NO_NAMES): string {
  if (way.conditions !== undefined) return way.conditions.length === 0 ? say('way.always') : say('way.if', { conditions: conditionsWords(way.conditions, names) })
  if (way.name === 'onReply' || way.name === 'onEvent') return say(`way.${way.name}`)
  if (step.type === 'ai') return say('way.otherwiseAi')
  return say(step.type === 'webhook' ? 'way.otherwiseCall' : 'way.otherwiseAsk')
}

/** In which case none of a step's ways is gone, and it goes on below. */
export function onwardWords(step: AutomationPart): string {
  const key = { ask: 'answered', webhook: 'called', ai: 'aiAnswered', wait: string(step.event) === '' ? 'silent' : 'notHappened' }[step.type]
  return say(`onward.${key ?? 'otherwise'}`)
}

/** The whole in one sentence: its trigger and its first two steps. */
export function wholeWords(one: { trigger: AutomationPart; steps: AutomationStep[] }, names: Names = NO_NAMES): string {
  const shown = one.steps.slice(0, 2).map((step) => stepWords(step, names))
  const rest = one.steps.length - shown.length
  const steps = shown.length === 0 ? say('nothing') : listed(shown, 'conjunction')
  const then = rest > 0 ? text('automations.sentence.rest', { steps: shown.join(', ') }, rest) : steps
  return say('whole', { when: triggerWords(one.trigger, names), then })
}
