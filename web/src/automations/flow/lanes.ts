/** Where the lines of a drawn flow run. The line of a block goes straight down; each way of a step has a lane beside it. Pure. */
import { type Block, END, isLast, ON, type TreeStep, type Way } from '../tree'

/** A way beside the line. */
export interface Lane {
  way: Way
  /** It comes back to the line. */
  back: boolean
  /** A lane further out comes back, and its line passes beneath this one. */
  passed: boolean
  /** There is another lane further out. */
  more: boolean
}

/** Whether what follows a block is reached from its last step. */
export const comesBack = (block: Block) => block.then === ON && !block.steps.some((one) => isLast(one.step))

export function lanesOf(node: TreeStep): Lane[] {
  const back = node.ways.map(comesBack)
  return node.ways.map((way, index) => ({ way, back: back[index] === true, passed: back.slice(index + 1).includes(true), more: index < node.ways.length - 1 }))
}

/** How a block ends, to be written beneath it: `on` says nothing, as the line goes on; a step's id that it goes on there. */
export function endOf(block: Block, root: boolean): string | null {
  if (block.steps.some((one) => isLast(one.step))) return null
  if (block.then !== ON) return block.then
  return root ? END : null
}
