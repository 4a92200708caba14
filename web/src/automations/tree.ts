/**
 * The steps of an automation as people read them: one after the other, with what happens in each case beneath the step that
 * asks. The API keeps a flat list in which a step may say where to go on; this turns one into the other, and loses nothing.
 * Pure.
 */
import type { AutomationCase, AutomationPart, AutomationStep } from '@/api/views'

export const ON = 'on'
export const END = 'end'

/** Steps that follow each other. `then`: where it goes after the last one: `on` to what follows, `end`, or a step's id. */
export interface Block {
  steps: TreeStep[]
  then: string
}

/** What happens in one case. `name` is the field of the step by which it gets there, such as `otherwise` or `cases.0`. */
export interface Way extends Block {
  name: string
  conditions?: AutomationPart[]
}

export interface TreeStep {
  step: AutomationStep
  ways: Way[]
}

/** All steps of an automation. `loose` are those to which nothing leads. */
export interface Tree extends Block {
  loose: Block[]
}

/** Whether the run ends with a step. */
export const isLast = (step: AutomationPart) => step.type === 'hand_over' || step.type === END

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
const CONNECTIONS = new Set(['next', 'otherwise', 'onReply', 'onEvent', 'cases'])
/** A copy without its connections. */
function bare(step: AutomationStep): AutomationStep {
  return Object.fromEntries(Object.entries(step).filter(([name]) => !CONNECTIONS.has(name))) as AutomationStep
}

/** Where the ways of a step lead to, and where each leads that is not given. */
function targets(step: AutomationStep): { name: string; to: string; conditions?: AutomationPart[] }[] {
  if (step.type === 'ask') return [{ name: 'otherwise', to: text(step.otherwise) ?? END }]
  if (step.type === 'webhook') return [{ name: 'otherwise', to: text(step.otherwise) ?? ON }]
  // Without a way of its own the chat is handed over.
  if (step.type === 'ai' && text(step.otherwise) !== null) return [{ name: 'otherwise', to: text(step.otherwise) ?? END }]
  if (step.type === 'wait' && step.reply === true) return [{ name: 'onReply', to: text(step.onReply) ?? ON }]
  if (step.type === 'wait' && text(step.event) !== null) return [{ name: 'onEvent', to: text(step.onEvent) ?? ON }]
  if (step.type !== 'branch') return []
  return ((step.cases ?? []) as AutomationCase[]).map((one, index) => ({ name: `cases.${index}`, to: text(one.next) ?? ON, conditions: one.conditions }))
}

/** The ways that a new step has, all empty. */
export function emptyWays(step: AutomationStep): Way[] {
  return targets(step).map((one) => ({ name: one.name, steps: [], then: one.to, ...(one.conditions === undefined ? {} : { conditions: one.conditions }) }))
}

export function toTree(flat: AutomationStep[]): Tree {
  const byId = new Map(flat.map((step) => [step.id, step]))
  const follows = new Map(flat.map((step, index) => [step.id, text(step.next) ?? flat[index + 1]?.id ?? END]))
  const taken = new Set<string>()

  function block(start: string, on: string): Block {
    const line: AutomationStep[] = []
    let at = start
    let leaves = true
    for (let step = byId.get(at); step !== undefined && !taken.has(at); step = byId.get(at)) {
      taken.add(at)
      line.push(step)
      if (isLast(step)) {
        leaves = false
        break
      }
      at = follows.get(at) ?? END
    }
    const steps = line.map((step, index) => ({ step: bare(step), ways: waysOf(step, line[index + 1]?.id ?? (leaves ? at : on)) }))
    return { steps, then: !leaves || at === on ? ON : at }
  }
  function waysOf(step: AutomationStep, on: string): Way[] {
    return targets(step).map(({ name, to, conditions }) => ({
      name,
      ...(conditions === undefined ? {} : { conditions }),
      ...(to === ON ? { steps: [], then: ON } : block(to, on)),
    }))
  }

  const first = flat[0]
  const root = first === undefined ? { steps: [], then: ON } : block(first.id, END)
  const loose: Block[] = []
  for (const step of flat) if (!taken.has(step.id)) loose.push(block(step.id, END))
  return { ...root, loose }
}

export function toFlat(tree: Tree): AutomationStep[] {
  const found: { step: AutomationStep; follow: string }[] = []

  function emit(one: Block, on: string): void {
    const after = one.then === ON ? on : one.then
    one.steps.forEach((node, index) => {
      const step = { ...bare(node.step) }
      const follow = one.steps[index + 1]?.step.id ?? after
      found.push({ step, follow })
      const cases: AutomationCase[] = []
      for (const way of node.ways) {
        const to = way.steps[0]?.step.id ?? (way.then === ON ? follow : way.then)
        if (way.conditions !== undefined) cases.push({ conditions: way.conditions, next: to })
        else step[way.name] = to
        emit(way, follow)
      }
      if (step.type === 'branch') step.cases = cases
    })
  }
  emit(tree, END)
  for (const one of tree.loose) emit(one, END)
  return found.map(({ step, follow }, index) =>
    (isLast(step) || follow === (found[index + 1]?.step.id ?? END) ? step : { ...step, next: follow }))
}

/** Every step, in the order in which they stand, with how deep it stands. */
export function everyStep(tree: Tree): { step: AutomationStep; depth: number }[] {
  const found: { step: AutomationStep; depth: number }[] = []
  const go = (one: Block, depth: number): void => {
    for (const node of one.steps) {
      found.push({ step: node.step, depth })
      for (const way of node.ways) go(way, depth + 1)
    }
  }
  go(tree, 0)
  for (const one of tree.loose) go(one, 0)
  return found
}

/** An id that no step has. */
export function freeId(tree: Tree): string {
  const taken = new Set(everyStep(tree).map((one) => one.step.id))
  let number = taken.size + 1
  while (taken.has(`s${number}`)) number += 1
  return `s${number}`
}

/** Let nothing lead to a step that is gone. */
export function forget(tree: Tree, ids: Set<string>): void {
  const go = (one: Block): void => {
    if (ids.has(one.then)) one.then = ON
    for (const node of one.steps) for (const way of node.ways) go(way)
  }
  go(tree)
  for (const one of tree.loose) go(one)
  tree.loose = tree.loose.filter((one) => one.steps.length > 0)
}

/** The ids of a step and of all beneath it. */
export function idsOf(node: TreeStep): Set<string> {
  return new Set(everyStep({ steps: [node], then: ON, loose: [] }).map((one) => one.step.id))
}
