/** What all steps of the wizard look at: the audience and its size, the template, and people to preview it with. */
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { refDebounced } from '@vueuse/core'
import { computed, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { Contact, TemplateParameter } from '@/api/views'
import { useSegments } from '@/contacts/labels'
import { useProfiles } from '@/profiles/store'
import { useTemplates } from '@/templates/store'
import { audienceOf, type Draft, narrowed } from './draft'

const PREVIEWED = 20

async function size(audience: Record<string, unknown> | null): Promise<number> {
  if (audience === null) return 0
  return (await ask<{ contacts: number }>(api.POST('/campaigns/audience', { body: { audience } }))).contacts
}

export function useWizard(draft: Ref<Draft>) {
  const { segments, query: segmentsQuery } = useSegments()
  const { profiles, byId } = useProfiles()
  const profile = computed(() => byId.value.get(draft.value.profileId))
  const { templates, approved, query: templatesQuery } = useTemplates(computed(() => draft.value.profileId))
  const template = computed(() => approved.value.find((one) => one.id === draft.value.templateId))
  const audience = computed(() => audienceOf(draft.value, segments.value))
  const asked = refDebounced(audience, 250)

  const reach = useQuery({
    queryKey: computed(() => ['audience', asked.value]),
    queryFn: async () => {
      const wanted = asked.value ?? {}
      const [total, noPhone, blocked] = await Promise.all([
        size(wanted), size(narrowed(wanted, { has_phone: false })), size(narrowed(wanted, { has_phone: true, blocked: true })),
      ])
      return { total, noPhone, blocked }
    },
    enabled: () => asked.value !== null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: false,
  })
  /** Networks that know people by something else than a number reach those without one, too. */
  const byPhone = computed(() => profile.value?.engine !== 'telegram')
  const counts = computed(() => {
    const found = audience.value === null ? undefined : reach.data.value
    if (found === undefined) return undefined
    const noPhone = byPhone.value ? found.noPhone : 0
    return { total: found.total, noPhone, blocked: found.blocked, people: Math.max(0, found.total - noPhone - found.blocked) }
  })

  const people = useQuery({
    queryKey: computed(() => ['audience-people', asked.value]),
    queryFn: async () => (await ask<{ contacts: Contact[] }>(api.POST('/segments/preview', { body: { filter: asked.value ?? {}, limit: PREVIEWED } }))).contacts,
    enabled: () => asked.value !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const previewed = computed(() => people.data.value ?? [])

  const parametersQuery = useQuery({
    queryKey: computed(() => ['template-parameters', draft.value.templateId]),
    queryFn: () => ask<TemplateParameter[]>(api.GET('/templates/{id}/parameters', { params: { path: { id: draft.value.templateId } } })),
    enabled: () => draft.value.kind === 'template' && draft.value.templateId !== '',
    staleTime: 5 * 60_000,
  })
  const parameters = computed(() => (draft.value.kind === 'template' && draft.value.templateId !== '' ? parametersQuery.data.value : []))
  return { segments, segmentsQuery, profiles, profile, templates, approved, template, templatesQuery, audience, reach, counts, previewed, parameters }
}

export type Wizard = ReturnType<typeof useWizard>
