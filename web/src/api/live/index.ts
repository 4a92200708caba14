/**
 * The live store: one socket for the page, and a live module per noun that says what its events change. A module gets
 * events in batches, in order, and patches the query cache; it never draws.
 */
import type { QueryClient } from '@tanstack/vue-query'
import { readonly, ref, shallowRef } from 'vue'
import { api } from '../client'
import { end } from '../session'
import type { LiveEvent } from '../views'
import { LiveSocket, type SocketState } from './socket'

export interface LiveModule {
  /** Types of events, or families such as `message.*`. */
  events: string[]
  /** Patch the cache. Called with the module's own events only. */
  take: (events: LiveEvent[], queries: QueryClient) => void
}

/** After so long an absence it is cheaper to read what is on the screen anew than to follow every event. */
const TOO_LONG_MS = 10 * 60_000
const TOO_MANY = 2_000
/** What no event changes. */
const LASTING = new Set(['me', 'engines', 'media', 'templates', 'team'])

const state = ref<SocketState>('connecting')
const since = shallowRef<Date | null>(null)
/** Whether the page is up to date; `lostSince` says since when it is not. */
export const liveState = readonly(state)
export const lostSince = readonly(since)

const modules: LiveModule[] = []
let socket: LiveSocket | null = null

/** Have a module hear its events. Call it once, where the noun's folder is first loaded. */
export function addLiveModule(module: LiveModule): void {
  modules.push(module)
}

export function matches(patterns: string[], event: string): boolean {
  return patterns.some((one) => one === event || (one.endsWith('.*') && event.startsWith(one.slice(0, -1))))
}

function tell(events: LiveEvent[], queries: QueryClient): void {
  for (const module of modules) {
    const own = events.filter((event) => matches(module.events, event.event))
    if (own.length > 0) module.take(own, queries)
  }
}

let kept: LiveEvent[] = []

/**
 * Have the modules take events. An answer that is on its way meanwhile may be older than they are and would write over
 * what they changed; so they are told once more when it is there. Modules take an event twice without harm.
 */
export function dispatch(events: LiveEvent[], queries: QueryClient): void {
  if (events.length > TOO_MANY) {
    void queries.invalidateQueries()
    return
  }
  tell(events, queries)
  if (queries.isFetching() === 0) return
  const isFirst = kept.length === 0
  kept.push(...events)
  if (!isFirst) return
  const stop = queries.getQueryCache().subscribe(() => {
    if (queries.isFetching() > 0) return
    stop()
    const again = kept
    kept = []
    tell(again, queries)
  })
}

/** Follow the live socket until `stopLive`. */
export function startLive(queries: QueryClient): void {
  if (socket !== null) return
  socket = new LiveSocket({
    url: () => {
      const address = new URL('/api/ws', window.location.href)
      address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
      return address.href
    },
    onEvents: (events) => { dispatch(events, queries) },
    onState: (now) => {
      state.value = now
      if (now === 'lost') since.value ??= new Date()
      if (now === 'live') since.value = null
    },
    onReady: (first, absence) => {
      // What was read before the socket listened may have changed in between.
      if (first) void queries.invalidateQueries({ predicate: (query) => !LASTING.has(String(query.queryKey[0])) })
      else if (absence > TOO_LONG_MS) void queries.invalidateQueries()
    },
    onDenied: () => { end('expired') },
    // A session that has ended is told by the answer to any call.
    onRefused: () => { void api.GET('/auth/me').catch(() => undefined) },
  })
  socket.open()
}

export function stopLive(): void {
  socket?.close()
  socket = null
  since.value = null
  state.value = 'connecting'
}

/** Try to connect now, instead of when the next try is due. */
export function hurryLive(): void {
  socket?.hurry()
}
