/** Message templates: those of a channel, the list, one with its history, what can be done, and their live module. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import { flatten, type Pages } from '@/api/queries'
import type { LiveEvent, Template } from '@/api/views'
import { useCapable } from '@/profiles/capable'
import { asComponents, parameterFormat, type TemplateDraft } from './model'

const PAGE = 50
/** How far back the history of one template is looked for among the changes of its channel's. */
const CHANGES = 200

export const allTemplatesKey = ['templates'] as const
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

/** The channels whose networks have templates. */
export const useTemplateChannels = () => useCapable('templates')

export const FILTERS = ['status', 'category', 'quality', 'channel', 'q'] as const
export type TemplateFilters = Partial<Record<(typeof FILTERS)[number], string>>

export function useTemplateList(filters: Ref<TemplateFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...allTemplatesKey, 'list', filters.value]),
    queryFn: ({ pageParam, signal }) => {
      const { status, category, quality, channel, q } = filters.value
      return askPage<Template>(api.GET('/templates', {
        params: { query: { status, category, quality, profileId: channel, search: q, limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } },
        signal,
      }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  return { query, templates: computed(() => flatten(query.data.value as Pages<Template> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

export function useTemplate(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...allTemplatesKey, 'one', id.value]),
    queryFn: () => ask<Template>(api.GET('/templates/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

/** All languages of a template, itself among them. */
export function useLanguages(template: Ref<Template | undefined>) {
  const query = useQuery({
    queryKey: computed(() => [...allTemplatesKey, 'languages', template.value?.profileId, template.value?.name]),
    queryFn: async () =>
      (await askPage<Template>(api.GET('/templates', { params: { query: { profileId: template.value?.profileId, name: template.value?.name, limit: 100 } } }))).items,
    enabled: () => template.value !== undefined,
    placeholderData: keepPreviousData,
  })
  return computed(() => query.data.value ?? [])
}

export interface TemplateChange { id: string; at: string; status: string | null; quality: string | null; category: string | null; reason: string | null }

/** What became of a template, newest first, as far as the log of events goes back. */
export function useTemplateHistory(template: Ref<Template | undefined>) {
  return useQuery({
    queryKey: computed(() => [...allTemplatesKey, 'history', template.value?.id]),
    queryFn: async () => {
      const events = await askPage<LiveEvent>(api.GET('/logs', { params: { query: { type: ['template.changed'], profileId: template.value?.profileId, limit: CHANGES } } }))
      const word = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null)
      return events.items
        .filter(({ data }) => data.name === template.value?.name && data.language === template.value?.language)
        .map(({ id, timestamp, data }): TemplateChange => ({ id, at: timestamp, status: word(data.status), quality: word(data.quality), category: word(data.category), reason: word(data.reason) }))
    },
    enabled: () => template.value !== undefined,
    retry: false,
  })
}

/** Each throws ApiError. */
export function useTemplateActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: allTemplatesKey })
  return {
    create: async (draft: TemplateDraft) => {
      const { profileId, name, language, category } = draft
      const made = await ask<Template>(api.POST('/templates', { body: { profileId, name, language, category, components: asComponents(draft), parameterFormat: parameterFormat(draft) } }))
      await again()
      return made
    },
    change: async (id: string, draft: TemplateDraft) => {
      const changed = await ask<Template>(api.PATCH('/templates/{id}', { params: { path: { id } }, body: { components: asComponents(draft), category: draft.category } }))
      await again()
      return changed
    },
    remove: async (id: string) => {
      await ask(api.DELETE('/templates/{id}', { params: { path: { id } } }))
      await again()
    },
    /** Read the channels' templates at their providers; gives how many there are. */
    sync: async (profileIds: string[]) => {
      const read = await Promise.all(profileIds.map((profileId) => ask<{ templates: number }>(api.POST('/templates/sync', { body: { profileId } }))))
      await again()
      return read.reduce((sum, one) => sum + one.templates, 0)
    },
  }
}

// -- live ------------------------------------------------------------------------------------------------

addLiveModule({
  events: ['template.changed'],
  take: (_events, queries) => { void queries.invalidateQueries({ queryKey: allTemplatesKey }) },
})
