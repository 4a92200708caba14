import { describe, expect, it } from 'vitest'
import { toTree, type TreeStep } from '../tree'
import { comesBack, endOf, lanesOf } from './lanes'

const BRANCH = toTree([
  { id: 's1', type: 'branch', cases: [{ conditions: [], next: 's2' }, { conditions: [], next: 's3' }, { conditions: [], next: 's4' }] },
  { id: 's5', type: 'note', text: 'after', next: 'end' },
  { id: 's2', type: 'send', text: 'one', next: 's5' },
  { id: 's3', type: 'hand_over', seconds: 60 },
  { id: 's4', type: 'send', text: 'four', next: 'end' },
] as Parameters<typeof toTree>[0])

describe('lanes', () => {
  it('come back to the line, or end beside it', () => {
    const lanes = lanesOf(BRANCH.steps[0] as TreeStep)
    expect(lanes.map((one) => [one.way.steps[0]?.step.id, one.back, one.passed, one.more])).toEqual([
      ['s2', true, false, true],
      ['s3', false, false, true],
      ['s4', false, false, false],
    ])
  })

  it('are passed beneath by the line of one further out that comes back', () => {
    const node = BRANCH.steps[0] as TreeStep
    const turned = { ...node, ways: [...node.ways].reverse() }
    expect(lanesOf(turned).map((one) => [one.back, one.passed])).toEqual([[false, true], [false, true], [true, false]])
  })

  it('say how they end where the line does not go on', () => {
    const [one, two, three] = (BRANCH.steps[0] as TreeStep).ways
    expect([one, two, three].map((way) => way && endOf(way, false))).toEqual([null, null, 'end'])
    expect(endOf(BRANCH, true)).toBe('end')
    expect(endOf({ steps: [], then: 's1' }, false)).toBe('s1')
    expect(comesBack({ steps: [], then: 'on' })).toBe(true)
  })
})
