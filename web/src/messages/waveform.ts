/** The loudness of a sound in a few bars, from 0 to 1. Flat where the browser cannot decode it. */

const BARS = 36
const FLAT = Array.from({ length: BARS }, () => 0.2)
const known = new Map<string, Promise<number[]>>()

/** The highest value of each part, scaled to the loudest. */
export function bars(samples: Float32Array, count: number): number[] {
  const size = Math.max(1, Math.floor(samples.length / count))
  const peaks = Array.from({ length: count }, (_, index) => {
    let peak = 0
    for (let at = index * size; at < Math.min(samples.length, (index + 1) * size); at += 1) peak = Math.max(peak, Math.abs(samples[at] ?? 0))
    return peak
  })
  const loudest = Math.max(...peaks)
  return loudest === 0 ? peaks.map(() => 0.1) : peaks.map((peak) => peak / loudest)
}

/** The bars of a sound that is here already. */
export async function waveformOf(sound: Pick<Blob, 'arrayBuffer'>): Promise<number[]> {
  try {
    // An offline context decodes without asking for the loudspeakers.
    const context = new OfflineAudioContext(1, 1, 16_000)
    const decoded = await context.decodeAudioData(await sound.arrayBuffer())
    return bars(decoded.getChannelData(0), BARS)
  } catch {
    return FLAT
  }
}

async function read(url: string): Promise<number[]> {
  try {
    const answer = await fetch(url)
    return answer.ok ? await waveformOf(answer) : FLAT
  } catch {
    return FLAT
  }
}

export function waveform(url: string): Promise<number[]> {
  const found = known.get(url) ?? read(url)
  known.set(url, found)
  return found
}
