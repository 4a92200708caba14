/**
 * A recording as the networks take voice messages: Opus in an Ogg file.
 *
 * Chromium puts Opus into WebM. The packets are copied from one container into the other; nothing is encoded again. The
 * library that does so is loaded by the first recording, not by the inbox.
 */

/** Ogg with the same sound, from a WebM file with Opus. Throws an error for anything else. */
export async function webmToOgg(recorded: Blob): Promise<Blob> {
  const { BufferSource, BufferTarget, EncodedAudioPacketSource, EncodedPacketSink, Input, OggOutputFormat, Output, WEBM } = await import('mediabunny')
  const input = new Input({ source: new BufferSource(await recorded.arrayBuffer()), formats: [WEBM] })
  try {
    const track = await input.getPrimaryAudioTrack()
    const config = (await track?.getDecoderConfig()) ?? null
    if (track === null || config === null || (await track.getCodec()) !== 'opus') throw new Error('The recording has no Opus sound.')
    const target = new BufferTarget()
    const output = new Output({ format: new OggOutputFormat(), target })
    const source = new EncodedAudioPacketSource('opus')
    output.addAudioTrack(source)
    await output.start()
    let first: number | null = null
    for await (const packet of new EncodedPacketSink(track).packets()) {
      first ??= packet.timestamp
      // The microphone runs before the recorder does: its clock does not begin at zero.
      await source.add(packet.clone({ timestamp: packet.timestamp - first }), { decoderConfig: config })
    }
    await output.finalize()
    if (first === null || target.buffer === null) throw new Error('The recording is empty.')
    return new Blob([target.buffer], { type: 'audio/ogg' })
  } finally {
    input.dispose()
  }
}
