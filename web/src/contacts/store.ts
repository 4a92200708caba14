/** One contact, and its tags. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { Contact } from '@/api/views'

export const contactKey = (id: string) => ['contact', id] as const

export function useContact(id: Ref<string | null>) {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: computed(() => contactKey(id.value ?? '')),
    queryFn: () => ask<Contact>(api.GET('/contacts/{id}', { params: { path: { id: id.value ?? '' } } })),
    enabled: () => id.value !== null,
    retry: false,
  })

  /** Add or remove a tag. Throws ApiError. */
  async function tag(name: string, add: boolean): Promise<void> {
    const path = { id: id.value ?? '' }
    const body = { tags: [name] }
    const contact = await ask<Contact>(add
      ? api.POST('/contacts/{id}/tags', { params: { path }, body })
      : api.DELETE('/contacts/{id}/tags', { params: { path }, body }))
    queries.setQueryData(contactKey(path.id), contact)
  }

  return { query, contact: query.data, tag }
}
