/** Files that wait to be sent: chosen, dropped or pasted, and uploaded while the caption is written. */
import { ref } from 'vue'
import { ApiError } from '@/api/client'
import type { Content } from '@/api/views'
import { kindOfFile, upload } from '@/messages/media'
import type { Outgoing } from '@/messages/store'
import type { StoredFile } from './canned'

export interface Attachment {
  key: number
  /** Name, type and size in bytes. */
  file: Pick<File, 'name' | 'type' | 'size'>
  kind: 'image' | 'video' | 'audio' | 'document'
  preview: string | null
  mediaId: string | null
  error: string | null
}

let keys = 0

export function useAttachments() {
  const attachments = ref<Attachment[]>([])

  async function store(attachment: Attachment, file: File): Promise<void> {
    try {
      const media = await upload(file)
      change(attachment.key, { mediaId: media.id, error: null })
    } catch (error) {
      change(attachment.key, { error: error instanceof ApiError ? error.message : String(error) })
    }
  }
  function change(key: number, changes: Partial<Attachment>): void {
    attachments.value = attachments.value.map((one) => (one.key === key ? { ...one, ...changes } : one))
  }

  function add(files: Iterable<File>): void {
    for (const file of files) {
      keys += 1
      const kind = kindOfFile(file)
      const attachment: Attachment = { key: keys, file, kind, preview: kind === 'image' ? URL.createObjectURL(file) : null, mediaId: null, error: null }
      attachments.value = [...attachments.value, attachment]
      void store(attachment, file)
    }
  }
  /** Files that the server has already. */
  function addStored(files: readonly StoredFile[]): void {
    for (const one of files) {
      keys += 1
      const file = { name: one.filename ?? one.mime, type: one.mime, size: one.size }
      attachments.value = [...attachments.value, { key: keys, file, kind: kindOfFile(file), preview: null, mediaId: one.id, error: null }]
    }
  }
  function remove(key: number): void {
    attachments.value = attachments.value.filter((one) => one.key !== key)
  }

  /** What is to be sent, the caption with the first file; and nothing waits any more. */
  function take(caption: string): Outgoing[] {
    const outgoing = attachments.value.map((one, index): Outgoing => {
      const words = index === 0 && caption !== '' && one.kind !== 'audio' ? { caption } : {}
      const facts = { filename: one.file.name, mime: one.file.type || 'application/octet-stream', size: one.file.size }
      const url = `media:${one.mediaId ?? ''}`
      const content: Content = { type: one.kind, url, ...words, ...facts }
      return { content, wire: { url, ...words, ...(one.kind === 'document' ? { filename: one.file.name } : {}) } }
    })
    attachments.value = []
    return outgoing
  }

  return { attachments, add, addStored, remove, take }
}
