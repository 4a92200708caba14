/**
 * The live socket: follows `/api/ws`, notices when it has gone, comes back, and resumes after the last cursor, so that
 * nothing is missed. Knows nothing of what events mean.
 */
import type { LiveEvent } from '../views'

export type SocketState = 'connecting' | 'live' | 'lost'

export interface SocketOptions {
  /** The address without `after`. */
  url: () => string
  onEvents: (events: LiveEvent[]) => void
  onState: (state: SocketState) => void
  /** Up to date: the first time, or after an absence of so many ms. */
  onReady: (first: boolean, absence: number) => void
  /** The server says that we may not listen any more. */
  onDenied: () => void
  /** The connection did not come about: the server is gone, or does not want us. Browsers do not say which. */
  onRefused: () => void
}

const PING_MS = 15_000
/** No sign of life for so long means that the network is gone, whatever the browser believes. */
const SILENCE_MS = 10_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8_000
/** Events are handed on in batches: a hundred a second are ten changes of the page. */
const BATCH_MS = 80
const UNAUTHORIZED = 4401
const REMEMBERED = 2_000

/** Close a socket. One that is closed while it connects leaves a warning in the console: it is closed once it is open. */
function end(socket: WebSocket): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => { socket.close() }
  else socket.close()
}

export class LiveSocket {
  private socket: WebSocket | null = null
  private cursor: string | null = null
  private seen = new Set<string>()
  private batch: LiveEvent[] = []
  private batchTimer: ReturnType<typeof setTimeout> | undefined
  private pingTimer: ReturnType<typeof setInterval> | undefined
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private silenceTimer: ReturnType<typeof setTimeout> | undefined
  private tries = 0
  private lostAt: number | null = null
  private wasReady = false
  private wasOpen = false
  private closed = false

  constructor(private readonly options: SocketOptions) {
    window.addEventListener('online', this.hurry)
    window.addEventListener('offline', this.drop)
    document.addEventListener('visibilitychange', this.look)
  }

  open(): void {
    if (this.closed || this.socket !== null) return
    clearTimeout(this.retryTimer)
    this.options.onState('connecting')
    const address = new URL(this.options.url())
    if (this.cursor !== null) address.searchParams.set('after', this.cursor)
    const socket = new WebSocket(address)
    this.socket = socket
    this.wasOpen = false
    this.listenForSilence()
    socket.onopen = () => { this.wasOpen = true }
    socket.onmessage = (message) => {
      if (this.socket === socket) this.hear(String(message.data))
    }
    socket.onclose = (event) => {
      if (this.socket === socket) this.gone(event.code)
    }
  }

  close(): void {
    this.closed = true
    window.removeEventListener('online', this.hurry)
    window.removeEventListener('offline', this.drop)
    document.removeEventListener('visibilitychange', this.look)
    clearTimeout(this.retryTimer)
    clearTimeout(this.batchTimer)
    this.quiet()
    if (this.socket !== null) end(this.socket)
    this.socket = null
  }

  /** Try again now. */
  hurry = (): void => {
    this.tries = 0
    this.open()
  }

  private drop = (): void => {
    if (this.socket !== null) {
      const socket = this.socket
      this.gone(0)
      end(socket)
    }
  }

  private look = (): void => {
    if (document.visibilityState === 'visible') {
      if (this.socket === null) this.hurry()
      else this.ping()
    }
  }

  private hear(text: string): void {
    clearTimeout(this.silenceTimer)
    const message = JSON.parse(text) as LiveEvent
    if (message.event === 'ready') {
      this.ready(message.cursor)
    } else if (message.event !== 'pong' && message.event !== 'subscribed' && message.event !== 'error') {
      this.take(message)
    }
  }

  private ready(cursor: string): void {
    this.cursor = cursor
    this.tries = 0
    this.flush()
    const first = !this.wasReady
    const absence = this.lostAt === null ? 0 : Date.now() - this.lostAt
    this.wasReady = true
    this.lostAt = null
    clearInterval(this.pingTimer)
    this.pingTimer = setInterval(() => { this.ping() }, PING_MS)
    this.options.onState('live')
    this.options.onReady(first, absence)
  }

  private take(event: LiveEvent): void {
    this.cursor = event.cursor
    // The cursor may lie a little before the event: what comes twice is told apart by its id.
    if (this.seen.has(event.id)) return
    this.seen.add(event.id)
    if (this.seen.size > REMEMBERED) this.seen = new Set([...this.seen].slice(REMEMBERED / 2))
    this.batch.push(event)
    this.batchTimer ??= setTimeout(() => { this.flush() }, BATCH_MS)
  }

  private flush(): void {
    clearTimeout(this.batchTimer)
    this.batchTimer = undefined
    if (this.batch.length === 0) return
    const events = this.batch
    this.batch = []
    this.options.onEvents(events)
  }

  private ping(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return
    this.socket.send('{"action":"ping"}')
    this.listenForSilence()
  }

  private listenForSilence(): void {
    clearTimeout(this.silenceTimer)
    this.silenceTimer = setTimeout(this.drop, SILENCE_MS)
  }

  private quiet(): void {
    clearInterval(this.pingTimer)
    clearTimeout(this.silenceTimer)
  }

  private gone(code: number): void {
    this.socket = null
    this.quiet()
    this.flush()
    if (this.closed) return
    if (code === UNAUTHORIZED) {
      this.options.onDenied()
      return
    }
    if (!this.wasOpen) this.options.onRefused()
    this.lostAt ??= Date.now()
    this.options.onState('lost')
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries) * (0.75 + Math.random() / 2)
    this.tries += 1
    this.retryTimer = setTimeout(() => { this.open() }, wait)
  }
}
