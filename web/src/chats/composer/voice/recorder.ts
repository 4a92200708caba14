/**
 * Recording a voice message: nothing, asking, recording, preparing, ready.
 *
 * A chat that is left while somebody speaks stops the microphone and keeps what was said; it waits there to be heard and
 * sent. It is kept in this page alone: a reload would lose it, and so asks.
 */
import { getCurrentScope, onScopeDispose, ref, shallowReactive, shallowRef } from 'vue'
import { BIT_RATE, isOgg, isWebm, type LevelMeter, meterLevel, MicrophoneError, type MicrophoneTrouble, openMicrophone, recordingType, troubleOf } from './microphone'
import { webmToOgg } from './ogg'

export interface Recording {
  file: File
  /** Whether it is a voice message to the networks; else it goes as a sound file. */
  voice: boolean
  seconds: number
  /** An address of this page's own, to listen. */
  url: string
  /** Whether it ended because the channel takes no more. */
  full: boolean
}

export interface Limit {
  seconds: number
  bytes: number
}

export type Phase = 'idle' | 'asking' | 'recording' | 'preparing' | 'ready'

const MIB = 1024 * 1024
/** Beyond this WhatsApp's phones show no play button (Meta's page on audio messages). */
const PLAYABLE = 512 * 1024
const LIMITS: Record<string, Limit> = { whatsapp_cloud: { seconds: 210, bytes: PLAYABLE } }
const COMMON: Limit = { seconds: 900, bytes: 16 * MIB }

/** How much of a voice message a channel takes, by its engine. */
export function limitOf(engine: string | undefined): Limit {
  return LIMITS[engine ?? ''] ?? COMMON
}

/** What the recorder adds between two looks, and what Ogg's pages add. */
const SPARE = 0.95
const TICK_MS = 100
const PIECE_MS = 1_000
/** Below this nobody speaks, for so long that it is said. */
const SILENT = 0.05
const SILENT_SECONDS = 3
export const BARS = 40

/** What was said and not sent, by chat. */
export const kept = shallowReactive(new Map<string, Recording>())
let speaking = 0

window.addEventListener('beforeunload', (event) => {
  if (speaking > 0 || kept.size > 0) event.preventDefault()
})

export function forget(chatId: string): void {
  const recording = kept.get(chatId)
  if (recording !== undefined) URL.revokeObjectURL(recording.url)
  kept.delete(chatId)
}

async function prepare(recorded: Blob, seconds: number, full: boolean): Promise<Recording> {
  if (recorded.size === 0) throw new MicrophoneError('empty')
  const voice = isOgg(recorded.type) || isWebm(recorded.type)
  const sound = isWebm(recorded.type) ? await webmToOgg(recorded) : recorded
  const type = voice ? 'audio/ogg' : 'audio/mp4'
  const file = new File([sound], voice ? 'voice.ogg' : 'recording.m4a', { type })
  return { file, voice, seconds, url: URL.createObjectURL(file), full }
}

/** The recorder of one chat. `onKept`: what was being said when the chat was left is kept in it. */
export function useRecorder(chatId: string, limit: Limit, onKept: () => void) {
  const phase = ref<Phase>(kept.has(chatId) ? 'ready' : 'idle')
  const trouble = ref<MicrophoneTrouble | null>(null)
  const seconds = ref(0)
  /** How loud it was, the newest last, from 0 to 1. */
  const levels = ref<number[]>([])
  const silent = ref(false)
  const recording = shallowRef<Recording | null>(kept.get(chatId) ?? null)

  let gone = false
  /** Which try this is: what belongs to one that was given up is dropped. */
  let turn = 0
  let recorder: MediaRecorder | null = null
  let close: () => void = () => undefined

  function fail(error: unknown): void {
    trouble.value = troubleOf(error)
    phase.value = 'idle'
  }

  async function begin(): Promise<void> {
    if (phase.value !== 'idle') return
    turn += 1
    const mine = turn
    trouble.value = null
    phase.value = 'asking'
    try {
      const type = recordingType()
      const stream = await openMicrophone()
      if (gone || mine !== turn) {
        for (const track of stream.getTracks()) track.stop()
        return
      }
      record(stream, type)
    } catch (error) {
      if (mine === turn) fail(error)
    }
  }

  function record(stream: MediaStream, type: string): void {
    const mine = turn
    const pieces: Blob[] = []
    const began = performance.now()
    let size = 0
    let full = false
    let meter: LevelMeter | null = null
    let heardAt = 0
    const own = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BIT_RATE })
    recorder = own
    speaking += 1
    levels.value = []
    silent.value = false
    seconds.value = 0
    const ticking = setInterval(() => {
      const now = (performance.now() - began) / 1000
      const level = meter?.read() ?? 0
      if (level > SILENT) heardAt = now
      seconds.value = now
      silent.value = meter !== null && now - heardAt > SILENT_SECONDS
      levels.value = [...levels.value, level].slice(-BARS)
      if (now >= limit.seconds || size >= limit.bytes * SPARE) {
        full = true
        stop()
      }
    }, TICK_MS)
    close = () => {
      clearInterval(ticking)
      meter?.close()
      for (const track of stream.getTracks()) track.stop()
      speaking -= 1
      recorder = null
      close = () => undefined
    }
    own.addEventListener('dataavailable', (event) => {
      pieces.push(event.data)
      size += event.data.size
    })
    own.addEventListener('stop', () => {
      const length = (performance.now() - began) / 1000
      close()
      if (mine === turn) void finish(new Blob(pieces, { type }), length, full)
    })
    // A microphone that is unplugged ends the recording; what was said until then is kept.
    for (const track of stream.getTracks()) track.addEventListener('ended', stop)
    try {
      own.start(PIECE_MS)
      meter = meterLevel(stream)
    } catch (error) {
      close()
      throw error
    }
    phase.value = 'recording'
  }

  async function finish(recorded: Blob, length: number, full: boolean): Promise<void> {
    const mine = turn
    phase.value = 'preparing'
    try {
      const made = await prepare(recorded, length, full)
      if (mine !== turn) return URL.revokeObjectURL(made.url)
      kept.set(chatId, made)
      recording.value = made
      phase.value = 'ready'
      if (gone) onKept()
    } catch (error) {
      if (mine === turn) fail(error)
    }
  }

  /** End the recording, and keep it to be heard. */
  function stop(): void {
    if (recorder !== null && recorder.state !== 'inactive') recorder.stop()
  }

  /** Drop whatever there is, and let the microphone go. */
  function discard(): void {
    turn += 1
    const own = recorder
    close()
    if (own !== null && own.state !== 'inactive') own.stop()
    forget(chatId)
    recording.value = null
    trouble.value = null
    phase.value = 'idle'
  }

  if (getCurrentScope() !== undefined) {
    onScopeDispose(() => {
      gone = true
      stop()
    })
  }

  return { phase, trouble, seconds, levels, silent, recording, begin, stop, discard }
}
