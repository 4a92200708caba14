/** Templates of a channel, and how a message of one is drawn. */
import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, askPage } from '@/api/client'
import type { Template } from '@/api/views'

export const templatesKey = (profileId: string) => ['templates', profileId] as const

export function useTemplates(profileId: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => templatesKey(profileId.value)),
    queryFn: async () =>
      (await askPage<Template>(api.GET('/templates', { params: { query: { profileId: profileId.value, limit: 200 } } }))).items,
    enabled: () => profileId.value !== '',
    staleTime: 5 * 60_000,
    retry: false,
  })
  const templates = computed(() => query.data.value ?? [])
  const approved = computed(() => templates.value.filter((one) => one.status === 'APPROVED'))
  return { query, templates, approved }
}
