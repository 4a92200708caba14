import { BufferTarget, EncodedAudioPacketSource, EncodedPacket, Output, WebMOutputFormat } from 'mediabunny'
import { describe, expect, it } from 'vitest'
import { webmToOgg } from './ogg'

/** What a browser writes before the packets: one channel, 48 kHz, 312 samples to skip (RFC 7845, section 5.1). */
const HEAD = new Uint8Array([...new TextEncoder().encode('OpusHead'), 1, 1, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0])
/** Packets of 20 ms each (first byte: SILK, wideband, one frame; RFC 6716, section 3.1), of all sizes that page tables know. */
const PACKETS = [40, 254, 255, 256, 510, 700, 60].map((size, index) => Uint8Array.from({ length: size }, (_, at) => (at === 0 ? 0x48 : (index * 31 + at) % 256)))
const SECONDS = 0.02

async function webm(packets: Uint8Array[], offset = 0): Promise<Blob> {
  const target = new BufferTarget()
  const output = new Output({ format: new WebMOutputFormat(), target })
  const source = new EncodedAudioPacketSource('opus')
  output.addAudioTrack(source)
  await output.start()
  const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000, description: HEAD }
  for (const [index, bytes] of packets.entries()) {
    await source.add(new EncodedPacket(bytes, 'key', offset + index * SECONDS, SECONDS), { decoderConfig })
  }
  await output.finalize()
  return new Blob([target.buffer ?? new ArrayBuffer(0)], { type: 'audio/webm;codecs=opus' })
}

interface Page {
  granule: number
  flags: number
  checked: boolean
}

/** Ogg's checksum: CRC-32 with the polynomial 0x04c11db7, not reflected (RFC 3533, section 6). */
function checksum(bytes: Uint8Array): number {
  let sum = 0
  for (const byte of bytes) {
    sum ^= byte << 24
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1
  }
  return sum >>> 0
}

/** The pages and packets of an Ogg file. */
function read(bytes: Uint8Array): { pages: Page[]; packets: Uint8Array[] } {
  const pages: Page[] = []
  const packets: Uint8Array[] = []
  let open: number[] = []
  for (let at = 0; at < bytes.length;) {
    expect(new TextDecoder().decode(bytes.slice(at, at + 4))).toBe('OggS')
    const view = new DataView(bytes.buffer, bytes.byteOffset + at)
    const lengths = [...bytes.slice(at + 27, at + 27 + (bytes[at + 26] ?? 0))]
    const begin = at + 27 + lengths.length
    const end = begin + lengths.reduce((sum, one) => sum + one, 0)
    const page = bytes.slice(at, end)
    page.fill(0, 22, 26)
    pages.push({ granule: Number(view.getBigInt64(6, true)), flags: bytes[at + 5] ?? 0, checked: checksum(page) === view.getUint32(22, true) })
    let from = begin
    for (const length of lengths) {
      open.push(...bytes.slice(from, from + length))
      from += length
      if (length < 255) {
        packets.push(Uint8Array.from(open))
        open = []
      }
    }
    at = end
  }
  return { pages, packets }
}

const oggOf = async (recorded: Blob) => read(new Uint8Array(await (await webmToOgg(recorded)).arrayBuffer()))

describe('webmToOgg', () => {
  it('keeps every packet as it is, after the two headers of Opus', async () => {
    const { pages, packets } = await oggOf(await webm(PACKETS))
    expect(packets[0]).toEqual(HEAD)
    expect(new TextDecoder().decode(packets[1]?.slice(0, 8))).toBe('OpusTags')
    expect(packets.slice(2)).toEqual(PACKETS)
    expect(pages.every((one) => one.checked)).toBe(true)
    expect(pages[0]?.flags).toBe(2)
    expect((pages.at(-1)?.flags ?? 0) & 4).toBe(4)
    // The position counts what is skipped at the begin, so that players tell the length right.
    expect(Math.abs((pages.at(-1)?.granule ?? 0) - PACKETS.length * 960)).toBeLessThanOrEqual(312)
  })

  it('begins at zero, whatever the recorder counts from', async () => {
    const late = await oggOf(await webm(PACKETS, 5))
    const prompt = await oggOf(await webm(PACKETS))
    expect(late.pages.map((one) => one.granule)).toEqual(prompt.pages.map((one) => one.granule))
  })

  it('refuses what is no recording', async () => {
    await expect(webmToOgg(new Blob([new Uint8Array(200)]))).rejects.toThrow()
    await expect(webmToOgg(await webm([]))).rejects.toThrow()
  })
})
