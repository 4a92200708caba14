/** Canned replies: kept in the settings of the workspace, so that the whole team has them. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import { useMe } from '@/api/me'
import type { Chat } from '@/api/views'

export interface CannedReply {
  name: string
  text: string
}

interface Workspace {
  id: string
  settings: { cannedReplies?: CannedReply[] }
}

const KEY = ['workspace'] as const

/** Whose name begins with what was typed, then whose name or text has it. */
export function match(replies: CannedReply[], typed: string): CannedReply[] {
  const term = typed.toLocaleLowerCase()
  const rank = (one: CannedReply) => {
    if (one.name.toLocaleLowerCase().startsWith(term)) return 0
    return `${one.name} ${one.text}`.toLocaleLowerCase().includes(term) ? 1 : 2
  }
  return replies.filter((one) => rank(one) < 2).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
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
  const mayRead = may('workspace:read')
  const mayEdit = may('workspace:write')
  const query = useQuery({
    queryKey: KEY,
    queryFn: async () => (await ask<Workspace[]>(api.GET('/workspaces')))[0],
    enabled: mayRead,
    staleTime: 5 * 60_000,
  })
  const replies = computed(() => query.data.value?.settings.cannedReplies ?? [])

  async function store(change: (replies: CannedReply[]) => CannedReply[]): Promise<void> {
    // Read first: somebody else may have added one in the meantime.
    const now = (await ask<Workspace[]>(api.GET('/workspaces')))[0]
    if (now === undefined) return
    const cannedReplies = change(now.settings.cannedReplies ?? [])
    const saved = await ask<Workspace>(api.PATCH('/workspaces/{id}', { params: { path: { id: now.id } }, body: { settings: { cannedReplies } } }))
    queries.setQueryData(KEY, saved)
  }

  /** Keep a reply under a name; one of the same name is replaced. Throws ApiError. */
  const save = (reply: CannedReply) => store((before) => [...before.filter((one) => one.name !== reply.name), reply])
  const remove = (name: string) => store((before) => before.filter((one) => one.name !== name))
  return { replies, save, remove, mayEdit }
}
