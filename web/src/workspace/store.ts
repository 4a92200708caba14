/** The workspace and its settings. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import { useMe } from '@/api/me'
import type { Workspace } from '@/api/views'
import { profilesKey } from '@/profiles/store'

export interface WorkspaceChange {
  name?: string
  timezone?: string
  defaultCountry?: string | null
  defaultProfileId?: string | null
  settings?: Record<string, unknown>
}

export function useWorkspace() {
  const queries = useQueryClient()
  const { me } = useMe()
  const id = computed(() => me.value?.workspace.id ?? '')
  const query = useQuery({
    queryKey: computed(() => ['workspace', id.value]),
    queryFn: () => ask<Workspace>(api.GET('/workspaces/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
  })
  /** Throws ApiError. */
  async function change(body: WorkspaceChange): Promise<void> {
    const now = await ask<Workspace>(api.PATCH('/workspaces/{id}', { params: { path: { id: id.value } }, body }))
    queries.setQueryData(['workspace', id.value], now)
    await Promise.all([queries.invalidateQueries({ queryKey: ['me'] }), queries.invalidateQueries({ queryKey: profilesKey })])
  }
  return { query, change }
}
