import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { forget, kept, limitOf, useRecorder } from './recorder'

class Track extends EventTarget {
  stopped = false
  stop() { this.stopped = true }
}

/** A recorder of the browser, whose sound the test makes. */
class FakeRecorder extends EventTarget {
  static last: FakeRecorder
  static types = ['audio/ogg;codecs=opus']
  static isTypeSupported = (type: string) => FakeRecorder.types.includes(type)
  state = 'inactive'
  constructor(readonly stream: unknown, readonly options: { mimeType: string }) {
    super()
    FakeRecorder.last = this
  }

  start() { this.state = 'recording' }
  hear(bytes: number) { this.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob([new Uint8Array(bytes)]) })) }
  stop() {
    this.state = 'inactive'
    this.dispatchEvent(new Event('stop'))
  }
}

class FakeContext {
  static samples = 0.5
  createAnalyser() {
    return { fftSize: 0, getFloatTimeDomainData: (into: Float32Array) => into.fill(FakeContext.samples) }
  }
  createMediaStreamSource() { return { connect: () => undefined } }
  close() { return Promise.resolve() }
}

const LIMIT = { seconds: 60, bytes: 10_000 }
let track: Track
let scope: EffectScope
let ask: ReturnType<typeof vi.fn>
const onKept = vi.fn()

function recorder(limit = LIMIT) {
  scope = effectScope()
  const made = scope.run(() => useRecorder('7', limit, onKept))
  if (made === undefined) throw new Error('no scope')
  return made
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  track = new Track()
  ask = vi.fn(() => Promise.resolve({ getTracks: () => [track] }))
  FakeRecorder.types = ['audio/ogg;codecs=opus']
  FakeContext.samples = 0.5
  onKept.mockReset()
  vi.stubGlobal('MediaRecorder', FakeRecorder)
  vi.stubGlobal('AudioContext', FakeContext)
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: ask } })
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:7', revokeObjectURL: () => undefined }))
})

afterEach(() => {
  scope.stop()
  forget('7')
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const ready = (made: ReturnType<typeof recorder>) => vi.waitFor(() => { expect(made.phase.value).toBe('ready') })

describe('recording', () => {
  it('asks, records, and waits to be heard', async () => {
    const made = recorder()
    const begun = made.begin()
    expect(made.phase.value).toBe('asking')
    await begun
    expect(made.phase.value).toBe('recording')
    vi.advanceTimersByTime(2_000)
    expect(made.seconds.value).toBeCloseTo(2, 1)
    expect(made.levels.value.at(-1)).toBeGreaterThan(0.9)
    FakeRecorder.last.hear(500)
    made.stop()
    await ready(made)
    expect(track.stopped).toBe(true)
    expect(made.recording.value).toMatchObject({ voice: true, full: false })
    expect(made.recording.value?.file).toMatchObject({ name: 'voice.ogg', type: 'audio/ogg', size: 500 })
    expect(kept.has('7')).toBe(true)
    made.discard()
    expect(made.phase.value).toBe('idle')
    expect(kept.has('7')).toBe(false)
  })

  it('ends by itself where the channel takes no more, in time and in size', async () => {
    const long = recorder()
    await long.begin()
    FakeRecorder.last.hear(100)
    vi.advanceTimersByTime(60_000)
    await ready(long)
    expect(long.recording.value?.full).toBe(true)
    long.discard()
    await long.begin()
    FakeRecorder.last.hear(9_600)
    vi.advanceTimersByTime(100)
    await ready(long)
    expect(long.recording.value).toMatchObject({ full: true, file: { size: 9_600 } })
  })

  it('says when nothing is heard, until something is', async () => {
    FakeContext.samples = 0
    const made = recorder()
    await made.begin()
    vi.advanceTimersByTime(3_200)
    expect(made.silent.value).toBe(true)
    FakeContext.samples = 0.5
    vi.advanceTimersByTime(100)
    expect(made.silent.value).toBe(false)
  })

  it('keeps what was said when the chat is left, and lets the microphone go', async () => {
    const made = recorder()
    await made.begin()
    FakeRecorder.last.hear(300)
    scope.stop()
    await vi.waitFor(() => { expect(onKept).toHaveBeenCalledOnce() })
    expect(track.stopped).toBe(true)
    const back = recorder()
    expect(back.phase.value).toBe('ready')
    expect(back.recording.value?.file.size).toBe(300)
  })

  it('lets the microphone go that is granted after the recording was given up', async () => {
    let grant: (stream: unknown) => void = () => undefined
    ask.mockReturnValue(new Promise((done) => { grant = done }))
    const made = recorder()
    const begun = made.begin()
    made.discard()
    grant({ getTracks: () => [track] })
    await begun
    expect(track.stopped).toBe(true)
    expect(made.phase.value).toBe('idle')
  })

  it('keeps what was said until the microphone was unplugged', async () => {
    const made = recorder()
    await made.begin()
    FakeRecorder.last.hear(300)
    track.dispatchEvent(new Event('ended'))
    await ready(made)
    expect(made.recording.value?.file.size).toBe(300)
  })

  it('sends what is no Opus as a sound file', async () => {
    FakeRecorder.types = ['audio/mp4']
    const made = recorder()
    await made.begin()
    FakeRecorder.last.hear(300)
    made.stop()
    await ready(made)
    expect(made.recording.value).toMatchObject({ voice: false, file: { name: 'recording.m4a', type: 'audio/mp4' } })
  })

  it.each([
    ['NotAllowedError', 'denied'], ['NotFoundError', 'missing'], ['NotReadableError', 'busy'], ['TypeError', 'failed'],
  ])('tells %s as %s', async (name, trouble) => {
    ask.mockRejectedValue(Object.assign(new Error('no'), { name }))
    const made = recorder()
    await made.begin()
    expect(made.trouble.value).toBe(trouble)
    expect(made.phase.value).toBe('idle')
  })

  it('tells a page without a secure address from a browser that cannot record, and silence from both', async () => {
    const made = recorder()
    vi.stubGlobal('isSecureContext', false)
    await made.begin()
    expect(made.trouble.value).toBe('insecure')
    vi.stubGlobal('isSecureContext', true)
    FakeRecorder.types = []
    await made.begin()
    expect(made.trouble.value).toBe('unsupported')
    FakeRecorder.types = ['audio/ogg;codecs=opus']
    await made.begin()
    made.stop()
    await vi.waitFor(() => { expect(made.trouble.value).toBe('empty') })
    expect(ask).toHaveBeenCalledOnce()
  })

  it('asks before a reload loses something', async () => {
    const leave = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    const made = recorder()
    expect(leave()).toBe(false)
    await made.begin()
    expect(leave()).toBe(true)
    FakeRecorder.last.hear(300)
    made.stop()
    await ready(made)
    expect(leave()).toBe(true)
    made.discard()
    expect(leave()).toBe(false)
  })

  it('takes from WhatsApp’s business channels what phones show with a play button', () => {
    expect(limitOf('whatsapp_cloud').bytes).toBe(512 * 1024)
    expect(limitOf('telegram_bot').seconds).toBe(900)
    expect(limitOf(undefined)).toEqual(limitOf('simulator'))
  })
})
