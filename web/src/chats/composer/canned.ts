/** Canned replies: the workspace's, so that the whole team has them. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import { useMe } from '@/api/me'
import type { Chat } from '@/api/views'

/** A file that is stored already. */
export interface StoredFile {
  id: string
  type: string
  mime: string
  size: number
  filename: string | null
}

export interface CannedReply {
  id: string
  shortcut: string
  text: string
  media: StoredFile[]
}

const KEY = ['canned-replies'] as const
/** As many as one page holds; nobody chooses from more by typing. */
const MOST = 200

/** Whose shortcut begins with what was typed, then whose shortcut or text has it. */
export function match(replies: CannedReply[], typed: string): CannedReply[] {
  const term = typed.toLocaleLowerCase()
  const rank = (one: CannedReply) => {
    if (one.shortcut.toLocaleLowerCase().startsWith(term)) return 0
    return `${one.shortcut} ${one.text}`.toLocaleLowerCase().includes(term) ? 1 : 2
  }
  return replies.filter((one) => rank(one) < 2).sort((a, b) => rank(a) - rank(b) || a.shortcut.localeCompare(b.shortcut))
}

/** `{name}` and `{first_name}` filled from the chat; `{agent}` from whoever writes. */
export function personalise(text: string, chat: Chat, agent: string): string {
  const name = chat.contact?.name ?? chat.name
  return text
    .replaceAll('{name}', name)
    .replaceAll('{first_name}', name.split(' ')[0] ?? name)
    .replaceAll('{agent}', agent)
}

export function useCanned() {
  const queries = useQueryClient()
  const { may } = useMe()
  const mayRead = may('chats:read')
  const mayEdit = may('chats:write')
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => ask<CannedReply[]>(api.GET('/canned-replies', { params: { query: { limit: MOST } } })),
    enabled: mayRead,
    staleTime: 60_000,
  })
  const replies = computed(() => query.data.value ?? [])

  /** Keep a text under a shortcut; one of the same shortcut is replaced. Throws ApiError. */
  async function save(shortcut: string, text: string): Promise<void> {
    const found = await ask<CannedReply[]>(api.GET('/canned-replies', { params: { query: { q: shortcut, limit: MOST } } }))
    const same = found.find((one) => one.shortcut.toLocaleLowerCase() === shortcut.toLocaleLowerCase())
    await (same === undefined
      ? ask(api.POST('/canned-replies', { body: { shortcut, text } as never }))
      : ask(api.PATCH('/canned-replies/{id}', { params: { path: { id: same.id } }, body: { text } as never })))
    await queries.invalidateQueries({ queryKey: KEY })
  }
  async function remove(id: string): Promise<void> {
    await ask(api.DELETE('/canned-replies/{id}', { params: { path: { id } } }))
    await queries.invalidateQueries({ queryKey: KEY })
  }
  return { replies, save, remove, mayEdit }
}
