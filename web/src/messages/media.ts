/** Files of messages: a link that a browser may load, asked for once an hour. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, form } from '@/api/client'
import type { Content, Media } from '@/api/views'

const LINK_MS = 50 * 60_000

/** Our id of a content's file; null for a file that lies elsewhere. */
export function mediaId(content: Content | null): string | null {
  const url = content?.url
  return typeof url === 'string' && /^media:\d+$/.test(url) ? url.slice(6) : null
}

/** The host of a file that lies elsewhere. It is named, never loaded: whoever looks at a chat is nobody else's business. */
export function foreignHost(content: Content | null): string | null {
  const url = content?.url
  if (typeof url !== 'string' || url.startsWith('media:') || url.startsWith('blob:')) return null
  try {
    return new URL(url).host
  } catch {
    return null
  }
}

/** A link of the server as an address of this page's own host, whatever public name the link has. */
export function ownPath(link: string): string {
  const url = new URL(link, window.location.href)
  return url.pathname + url.search
}

export function useMedia(content: Ref<Content | null>) {
  const id = computed(() => mediaId(content.value))
  const query = useQuery({
    queryKey: computed(() => ['media', id.value]),
    queryFn: () => ask<Media>(api.GET('/media/{id}', { params: { path: { id: id.value ?? '' } } })),
    enabled: () => id.value !== null,
    staleTime: LINK_MS,
    retry: false,
  })
  const local = computed(() => (typeof content.value?.url === 'string' && content.value.url.startsWith('blob:') ? content.value.url : null))
  const url = computed(() => local.value ?? (query.data.value === undefined ? null : ownPath(query.data.value.url)))
  return { url, file: query.data, missing: query.isError, foreign: computed(() => foreignHost(content.value)) }
}

/** Upload a file. Throws ApiError. */
export function upload(file: File): Promise<Media> {
  return ask<Media>(api.POST('/media', form(file)))
}

/** As which kind of message a file goes out. */
export function kindOfFile(file: { type: string }): 'image' | 'video' | 'audio' | 'document' {
  if (/^image\/(jpeg|png|webp|gif)$/.test(file.type)) return 'image'
  if (/^video\/(mp4|3gpp|quicktime|webm)$/.test(file.type)) return 'video'
  return file.type.startsWith('audio/') ? 'audio' : 'document'
}
