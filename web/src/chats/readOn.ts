import { useIntersectionObserver } from '@vueuse/core'
import { nextTick, type Ref } from 'vue'

/** Resolves when what has changed is laid out, and observers of sizes have heard of it. */
export async function drawn(): Promise<void> {
  await nextTick()
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
}

/**
 * Read on at an edge of a list for as long as it is seen.
 *
 * An observer tells only that the edge comes into sight, not that it still is: a page that draws nothing of its own
 * (reactions stand at other messages), or one that was asked for too early, would be the last.
 *
 * `read` loads a page and gives whether it came; after a failure the reader has to come back to the edge. `margin` counts
 * in pixels: so much before the edge is seen it is read on. The result looks once more, when `read` may do what it could
 * not before.
 */
export function useReadOn(
  edge: Ref<HTMLElement | null>, scroller: Ref<HTMLElement | null>, read: () => Promise<boolean>, margin = 0,
): () => Promise<void> {
  let reading = false
  const seen = (): boolean => {
    if (edge.value === null || scroller.value === null) return false
    const [at, within] = [edge.value.getBoundingClientRect(), scroller.value.getBoundingClientRect()]
    return at.bottom >= within.top - margin && at.top <= within.bottom + margin
  }
  async function look(): Promise<void> {
    if (reading) return
    reading = true
    try {
      while (seen() && await read()) await drawn()
    } finally {
      reading = false
    }
  }
  useIntersectionObserver(edge, ([entry]) => { if (entry?.isIntersecting) void look() }, { root: scroller, rootMargin: `${margin}px 0px` })
  return look
}
