import { describe, expect, it } from 'vitest'
import type { AutomationCase, AutomationStep } from '@/api/views'
import { everyStep, forget, freeId, idsOf, toFlat, toTree } from './tree'

const send = (id: string, next?: string): AutomationStep => ({ id, type: 'send', text: id, ...(next === undefined ? {} : { next }) })
const MENU: AutomationStep[] = [
  { id: 'ask', type: 'ask', text: 'What?', check: 'choice', choices: ['Prices', 'A person'], otherwise: 'person' },
  { id: 'choose', type: 'branch', cases: [{ conditions: [{ type: 'variable', values: ['Prices'] }], next: 'prices' }, { conditions: [{ type: 'variable', values: ['A person'] }], next: 'person' }] },
  send('thanks', 'end'),
  send('prices', 'thanks'),
  { id: 'person', type: 'hand_over', seconds: 60 },
]

/** Where each step may go, as the server reads it. */
function edges(flat: AutomationStep[]): Record<string, string[]> {
  return Object.fromEntries(flat.map((step, index) => {
    const next = step.next ?? flat[index + 1]?.id ?? 'end'
    const cases = ((step.cases ?? []) as AutomationCase[]).map((one) => one.next)
    if (step.type === 'hand_over' || step.type === 'end') return [step.id, []]
    if (step.type === 'ask') return [step.id, [next, String(step.otherwise ?? 'end')]]
    if (step.type === 'webhook') return [step.id, [next, String(step.otherwise ?? next)]]
    if (step.type === 'wait' && step.reply === true) return [step.id, [next, String(step.onReply ?? next)]]
    if (step.type === 'wait' && step.event !== undefined) return [step.id, [next, String(step.onEvent ?? next)]]
    return [step.id, [next, ...cases]]
  }))
}

describe('steps', () => {
  it('stand beneath the step that leads to them', () => {
    const tree = toTree(MENU)
    expect(everyStep(tree).map((one) => `${' '.repeat(one.depth)}${one.step.id}`)).toEqual(['ask', ' person', 'choose', ' prices', 'thanks'])
    const branch = tree.steps[1]
    // What is told for one case goes on to what follows; the other goes to a step that stands elsewhere.
    expect(branch?.ways.map((way) => [way.name, way.steps.map((one) => one.step.id), way.then])).toEqual([['cases.0', ['prices'], 'on'], ['cases.1', [], 'person']])
    expect(edges(toFlat(tree))).toEqual(edges(MENU))
  })
  it('keep what they say and carry no connection that the order tells', () => {
    const flat = toFlat(toTree([send('a'), send('b'), send('c', 'end')]))
    expect(flat).toEqual([{ id: 'a', type: 'send', text: 'a' }, { id: 'b', type: 'send', text: 'b' }, { id: 'c', type: 'send', text: 'c' }])
  })
  it('lead back, end early and stand loose as before', () => {
    const flat: AutomationStep[] = [send('a'), { id: 'w', type: 'wait', seconds: 5, reply: true, onReply: 'a' }, { id: 'h', type: 'webhook', url: 'https://x', otherwise: 'a' }, send('z', 'a'), send('lost', 'a'), { id: 'e', type: 'end' }]
    const tree = toTree(flat)
    expect([tree.then, tree.loose.map((one) => one.steps.map((two) => two.step.id))]).toEqual(['a', [['lost'], ['e']]])
    expect(edges(toFlat(tree))).toEqual(edges(flat))
  })
  it('go the same ways after any number of turns', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    for (let turn = 0; turn < 300; turn += 1) {
      const size = 1 + random(9)
      const any = () => (random(5) === 0 ? 'end' : `s${random(size)}`)
      const flat = Array.from({ length: size }, (_none, index): AutomationStep => {
        const id = `s${index}`
        const next = random(3) === 0 ? { next: any() } : {}
        const kind = random(8)
        if (kind === 0) return { id, type: 'ask', text: 'x', ...next, ...(random(2) === 0 ? {} : { otherwise: any() }) }
        if (kind === 1) return { id, type: 'branch', ...next, cases: [{ conditions: [], next: any() }, { conditions: [], next: any() }] }
        if (kind === 2) return { id, type: 'wait', reply: true, seconds: 1, ...next, ...(random(2) === 0 ? {} : { onReply: any() }) }
        if (kind === 3) return { id, type: 'webhook', url: 'https://x', ...next, ...(random(2) === 0 ? {} : { otherwise: any() }) }
        if (kind === 5) return { id, type: 'wait', event: 'read', seconds: 1, ...next, ...(random(2) === 0 ? {} : { onEvent: any() }) }
        return kind === 4 ? { id, type: 'hand_over' } : { id, type: 'send', text: 'x', ...next }
      })
      const once = toFlat(toTree(flat))
      expect(once[0]?.id).toBe('s0')
      expect(edges(once)).toEqual(edges(flat))
      expect(edges(toFlat(toTree(once)))).toEqual(edges(flat))
    }
  })
})

describe('a step that goes', () => {
  it('takes what stands beneath it, and nothing leads to it any more', () => {
    const tree = toTree(MENU)
    const ask = tree.steps[0]
    if (ask === undefined) throw new Error('no step')
    const gone = idsOf(ask)
    expect([...gone]).toEqual(['ask', 'person'])
    tree.steps.splice(0, 1)
    forget(tree, gone)
    expect(edges(toFlat(tree))).toEqual({ choose: ['thanks', 'prices', 'thanks'], prices: ['thanks'], thanks: ['end'] })
  })
  it('leaves its id to no other that is there', () => {
    expect(freeId(toTree([send('s2'), send('s3')]))).toBe('s4')
  })
})
