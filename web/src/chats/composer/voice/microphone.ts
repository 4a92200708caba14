/** The microphone and the recorder of the browser, and in one word each why there is none. */

export type MicrophoneTrouble = 'insecure' | 'unsupported' | 'denied' | 'missing' | 'busy' | 'empty' | 'failed'

export class MicrophoneError extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble)
  }
}

/** What may be recorded, the best first. Ogg goes as it is, WebM is put into Ogg, MP4 can only be a sound file. */
const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4']
/** Speech needs no more (bits per second); WhatsApp's own voice messages are about as large. */
export const BIT_RATE = 16_000

export const isOgg = (type: string) => type.startsWith('audio/ogg')
export const isWebm = (type: string) => type.startsWith('audio/webm')

/** In what this browser records. Throws MicrophoneError where it cannot. */
export function recordingType(): string {
  // Outside of https and localhost browsers hide the microphone altogether.
  if (!window.isSecureContext) throw new MicrophoneError('insecure')
  if (typeof MediaRecorder === 'undefined' || (navigator.mediaDevices as MediaDevices | undefined) === undefined) throw new MicrophoneError('unsupported')
  const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one))
  if (type === undefined) throw new MicrophoneError('unsupported')
  return type
}

const TROUBLES: Record<string, MicrophoneTrouble> = {
  NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'missing', OverconstrainedError: 'missing', NotReadableError: 'busy', AbortError: 'busy',
}

export function troubleOf(error: unknown): MicrophoneTrouble {
  if (error instanceof MicrophoneError) return error.trouble
  return TROUBLES[(error as { name?: string } | null)?.name ?? ''] ?? 'failed'
}

/** Ask for the microphone; one channel, which is all that WhatsApp takes. Throws MicrophoneError. */
export async function openMicrophone(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } })
  } catch (error) {
    throw new MicrophoneError(troubleOf(error))
  }
}

export interface LevelMeter {
  /** How loud it is now, from 0 to 1. */
  read: () => number
  close: () => void
}

export function meterLevel(stream: MediaStream): LevelMeter {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 1024
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length
      // Speech lies between -50 and -10 decibels of full scale.
      return Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-10) + 50) / 40))
    },
    close: () => void context.close(),
  }
}
