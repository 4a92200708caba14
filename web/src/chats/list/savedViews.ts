/** Filters of the inbox under a name: one's own, and those shared with everybody. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask, askPage } from '@/api/client'
import type { SavedView } from '@/api/views'
import { asSaved, type ChatFilters } from '../model'

export const savedViewsKey = ['saved-views'] as const

export function useSavedViews() {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: savedViewsKey,
    queryFn: async () => (await askPage<SavedView>(api.GET('/saved-views', { params: { query: { limit: 200 } } }))).items,
    retry: false,
  })
  const again = () => queries.invalidateQueries({ queryKey: savedViewsKey })

  /** Keep the filters under a name. Throws ApiError. */
  async function save(name: string, filters: ChatFilters, shared: boolean): Promise<void> {
    await ask(api.POST('/saved-views', { body: { name, shared, filter: asSaved(filters) as never } }))
    await again()
  }
  /** Take a view away, for all who see it. Throws ApiError. */
  async function remove(id: string): Promise<void> {
    await ask(api.DELETE('/saved-views/{id}', { params: { path: { id } } }))
    await again()
  }
  return { views: computed(() => query.data.value ?? []), save, remove }
}
