import { QueryClient } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveEvent } from '../views'
import { addLiveModule, dispatch, matches } from '.'
import { LiveSocket, type SocketOptions } from './socket'

class FakeSocket {
  static CONNECTING = 0
  static OPEN = 1
  static made: FakeSocket[] = []
  readyState = 1
  sent: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((message: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  constructor(readonly url: URL) { FakeSocket.made.push(this) }
  send(text: string) { this.sent.push(text) }
  close() { this.readyState = 3 }
  say(message: Record<string, unknown>) { this.onmessage?.({ data: JSON.stringify(message) }) }
}

const event = (id: string, type = 'message.sent'): LiveEvent => ({ id, cursor: id, event: type, profileId: '1', timestamp: '', data: {} })
const last = () => FakeSocket.made.at(-1) as FakeSocket
let heard: string[]
let states: string[]
let options: SocketOptions
let socket: LiveSocket

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.made = []
  heard = []
  states = []
  options = {
    url: () => 'ws://here/api/ws',
    onEvents: (events) => heard.push(...events.map((one) => one.id)),
    onState: (state) => states.push(state),
    onReady: vi.fn(),
    onDenied: vi.fn(),
    onRefused: vi.fn(),
  }
  socket = new LiveSocket(options)
  socket.open()
})
afterEach(() => {
  socket.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('the live socket', () => {
  it('hands on events in batches, each once', () => {
    last().say({ event: 'ready', cursor: '5' })
    for (const id of ['6', '7', '7', '8']) last().say({ ...event(id) })
    expect(heard).toEqual([])
    vi.advanceTimersByTime(100)
    expect(heard).toEqual(['6', '7', '8'])
  })
  it('resumes after its last cursor when the connection was lost', () => {
    last().say({ event: 'ready', cursor: '5' })
    last().say({ ...event('6') })
    last().onclose?.({ code: 1006 })
    expect(heard).toEqual(['6'])
    expect(states.at(-1)).toBe('lost')
    vi.advanceTimersByTime(1_000)
    expect(FakeSocket.made).toHaveLength(2)
    expect(last().url.searchParams.get('after')).toBe('6')
    last().say({ ...event('6') })
    last().say({ ...event('7') })
    last().say({ event: 'ready', cursor: '7' })
    expect(heard).toEqual(['6', '7'])
    expect(states.at(-1)).toBe('live')
    expect(options.onReady).toHaveBeenLastCalledWith(false, expect.any(Number))
  })
  it('notices a network that says nothing any more', () => {
    last().say({ event: 'ready', cursor: '5' })
    vi.advanceTimersByTime(15_100)
    expect(last().sent).toEqual(['{"action":"ping"}'])
    last().say({ event: 'pong', cursor: '5' })
    vi.advanceTimersByTime(15_100 + 10_100)
    expect(states).toContain('lost')
  })
  it('does not come back when the server says that the session has ended', () => {
    last().onclose?.({ code: 4401 })
    vi.advanceTimersByTime(60_000)
    expect(options.onDenied).toHaveBeenCalledOnce()
    expect(FakeSocket.made).toHaveLength(1)
  })
  it('says when no connection comes about, which may mean that the session has ended', () => {
    last().onclose?.({ code: 1006 })
    expect(options.onRefused).toHaveBeenCalledOnce()
    vi.advanceTimersByTime(1_000)
    last().onopen?.()
    last().onclose?.({ code: 1006 })
    expect(options.onRefused).toHaveBeenCalledOnce()
  })
  it('is closed once it is open when nobody wants it any more', () => {
    last().readyState = FakeSocket.CONNECTING
    socket.close()
    expect(last().readyState).toBe(FakeSocket.CONNECTING)
    last().onopen?.()
    expect(last().readyState).toBe(3)
  })
  it('waits longer between tries, but not for ever', () => {
    for (let n = 0; n < 8; n += 1) {
      last().onclose?.({ code: 1006 })
      vi.advanceTimersByTime(10_000)
    }
    expect(FakeSocket.made).toHaveLength(9)
  })
})

describe('live modules', () => {
  it('hear their own types and families alone', () => {
    expect(matches(['message.*'], 'message.sent')).toBe(true)
    expect(matches(['message.*'], 'messages.sent')).toBe(false)
    expect(matches(['call.received'], 'call.received')).toBe(true)
  })
  it('are told again when an older answer was on its way', async () => {
    const queries = new QueryClient()
    const take = vi.fn()
    addLiveModule({ events: ['thing.*'], take })
    let answer: (value: string) => void = () => undefined
    const reading = queries.fetchQuery({ queryKey: ['things'], queryFn: () => new Promise<string>((done) => { answer = done }) })
    dispatch([event('1', 'thing.made')], queries)
    expect(take).toHaveBeenCalledTimes(1)
    answer('older')
    await reading
    await vi.advanceTimersByTimeAsync(1)
    expect(take).toHaveBeenCalledTimes(2)
    dispatch([event('2', 'thing.made')], queries)
    expect(take).toHaveBeenCalledTimes(3)
  })
})
