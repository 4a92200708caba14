/** The query cache, and what every module needs to patch it. */
import { type InfiniteData, QueryClient } from '@tanstack/vue-query'
import { ApiError } from './client'
import type { Page } from './views'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // What is shown is kept up to date by live events, not by reading again.
      staleTime: 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      retry: (tries, error) => tries < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

export type Pages<T> = InfiniteData<Page<T>, string | null>

/** All items of the pages read so far. */
export function flatten<T>(data: Pages<T> | undefined): T[] {
  return data === undefined ? [] : data.pages.flatMap((page) => page.items)
}

/** The pages with every item changed by `change`; the same object where nothing changed, so that nothing is drawn. */
export function mapItems<T>(data: Pages<T>, change: (item: T) => T): Pages<T> {
  let changed = false
  const pages = data.pages.map((page) => {
    let own = false
    const items = page.items.map((item) => {
      const next = change(item)
      own ||= next !== item
      return next
    })
    changed ||= own
    return own ? { ...page, items } : page
  })
  return changed ? { ...data, pages } : data
}

/** The pages without some items, and with others at the head. */
export function replaceHead<T extends { id: string }>(data: Pages<T>, gone: Set<string>, head: T[]): Pages<T> {
  const pages = data.pages.map((page) =>
    page.items.some((item) => gone.has(item.id))
      ? { ...page, items: page.items.filter((item) => !gone.has(item.id)) }
      : page,
  )
  const first = pages[0]
  if (first !== undefined) pages[0] = { ...first, items: [...head, ...first.items] }
  return { ...data, pages }
}
