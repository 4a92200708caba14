import { describe, expect, it } from 'vitest'
import type { Automation } from '@/api/views'
import { chosen, CONDITION_FIELDS, STEP_FIELDS, stored, TRIGGER_FIELDS } from './fields'
import { asBody, asDraft, CONDITIONS, emptyDraft, isSame, newCondition, newStep, newTrigger, problemsByPlace, STEPS, TRIGGERS } from './model'

/** As the server answers: with every field, also those that hold nothing. */
const STORED = {
  name: 'Prices', kind: 'rule',
  trigger: { type: 'message', match: 'contains', words: ['price'], pattern: null, buttons: [], kinds: [], first: null, days: 30 },
  conditions: [{ type: 'tag', negate: true, tag: 'vip' }],
  steps: [{ type: 'send', id: 's1', next: null, text: 'From 5 euros.', file: null, buttons: [], menu: null, template: null, outsideWindow: null, fallbacks: {}, category: 'service', channelId: null }],
  limits: { perChatHour: 20, againAfterHours: null, quietHours: null }, goal: null,
} as unknown as Automation

describe('a document', () => {
  it('is sent as it came, but for what holds nothing', () => {
    expect(asBody(asDraft(STORED))).toEqual({
      name: 'Prices', trigger: { type: 'message', match: 'contains', words: ['price'], buttons: [], kinds: [], days: 30 }, conditions: STORED.conditions,
      steps: [{ type: 'send', id: 's1', text: 'From 5 euros.', buttons: [], fallbacks: {}, category: 'service' }],
      // "Never again" is told by nothing, and is not the same as nothing told.
      limits: { perChatHour: 20, againAfterHours: null, quietHours: null }, goal: null,
    })
  })
  it('has a goal only where it is a sequence', () => {
    expect([asBody(emptyDraft('rule')).goal, asBody(emptyDraft('sequence')).goal]).toEqual([null, { replied: true, ordered: false, tags: [] }])
  })
  it('is the same until something is changed', () => {
    const draft = asDraft(STORED)
    expect(isSame(draft, asDraft(STORED))).toBe(true)
    const first = draft.tree.steps[0]
    if (first !== undefined) first.step.text = 'From 6 euros.'
    expect(isSame(draft, asDraft(STORED))).toBe(false)
  })
  it('does not change with what it was read from', () => {
    const draft = asDraft(STORED)
    draft.trigger.words = []
    expect(STORED.trigger.words).toEqual(['price'])
  })
})

describe('what is wrong', () => {
  it('is told at the step and field concerned', () => {
    const found = problemsByPlace({ 'steps.1.cases.0.conditions.2.values': ['Name what it is compared with.'], 'steps.0': ['Bad.'], 'trigger.words': ['Name at least one word.'], id: 7 }, [{ id: 'a', type: 'send' }, { id: 'b', type: 'branch' }])
    expect([...found]).toEqual([['step.b.cases.0.conditions.2.values', 'Name what it is compared with.'], ['step.a', 'Bad.'], ['trigger.words', 'Name at least one word.']])
  })
})

describe('every part', () => {
  it('has a form, and fields that a new one may leave as they are', () => {
    for (const type of TRIGGERS) expect([type, TRIGGER_FIELDS[type] !== undefined, newTrigger(type).type]).toEqual([type, true, type])
    for (const type of CONDITIONS) expect([type, CONDITION_FIELDS[type] !== undefined, newCondition(type, 'UTC').type]).toEqual([type, true, type])
    for (const type of STEPS) expect([type, STEP_FIELDS[type] !== undefined, newStep(type, 's9').step.id]).toEqual([type, true, 's9'])
  })
  it('stores a choice as what it means', () => {
    const given = TRIGGER_FIELDS.tag?.find((one) => one.name === 'given')
    const first = TRIGGER_FIELDS.message?.find((one) => one.name === 'first')
    if (given === undefined || first === undefined) throw new Error('no such field')
    expect([chosen(given, true), chosen(given, undefined), chosen(first, null), chosen(first, 'ever')]).toEqual(['true', 'true', 'always', 'ever'])
    expect(['true', 'false', 'always', 'ever'].map(stored)).toEqual([true, false, null, 'ever'])
  })
})
