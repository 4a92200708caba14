import { describe, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { useReadOn } from './readOn'

/** An element that stands at `top`, as high as `height`. */
function standing(top: () => number, height: number): HTMLElement {
  const element = document.createElement('div')
  element.getBoundingClientRect = () => new DOMRect(0, top(), 100, height)
  return element
}
const scroller = ref<HTMLElement | null>(standing(() => 0, 500))

describe('reading on at an edge', () => {
  it('goes on while the edge is seen, though nothing moves it out of sight', async () => {
    let at = 10
    const read = vi.fn(() => {
      // The third page is the first with something to draw.
      if (read.mock.calls.length === 3) at = -400
      return Promise.resolve(true)
    })
    await useReadOn(ref(standing(() => at, 1)), scroller, read)()
    expect(read).toHaveBeenCalledTimes(3)
  })

  it('ends when nothing more comes, or it failed', async () => {
    const read = vi.fn(() => Promise.resolve(read.mock.calls.length < 2))
    await useReadOn(ref(standing(() => 10, 1)), scroller, read)()
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('reads nothing for an edge that is further away than the margin', async () => {
    const read = vi.fn(() => Promise.resolve(true))
    await useReadOn(ref(standing(() => -601, 1)), scroller, read, 599)()
    expect(read).not.toHaveBeenCalled()
  })

  it('reads one page at a time', async () => {
    let end = (): void => undefined
    const read = vi.fn(() => new Promise<boolean>((resolve) => { end = () => { resolve(false) } }))
    const look = useReadOn(ref(standing(() => 10, 1)), scroller, read)
    const first = look()
    await look()
    expect(read).toHaveBeenCalledTimes(1)
    end()
    await first
  })
})
