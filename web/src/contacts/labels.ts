/** What contacts are grouped by: lists, tags, attributes, segments. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask, askPage } from '@/api/client'
import type { Label, Segment } from '@/api/views'

export type LabelNoun = 'lists' | 'tags' | 'attributes'

const COUNTED = { params: { query: { counts: true, limit: 200 } } }
const read: Record<LabelNoun, () => Promise<{ items: Label[] }>> = {
  lists: () => askPage<Label>(api.GET('/lists', COUNTED)),
  tags: () => askPage<Label>(api.GET('/tags', COUNTED)),
  attributes: () => askPage<Label>(api.GET('/attributes', COUNTED)),
}

export const labelsKey = (noun: LabelNoun) => ['labels', noun] as const
export const segmentsKey = ['segments'] as const

export function useLabels(noun: LabelNoun) {
  const query = useQuery({ queryKey: labelsKey(noun), queryFn: async () => (await read[noun]()).items, retry: false })
  return { query, labels: computed(() => query.data.value ?? []) }
}

export function useSegments() {
  const query = useQuery({
    queryKey: segmentsKey,
    queryFn: async () => (await askPage<Segment>(api.GET('/segments', { params: { query: { limit: 200 } } }))).items,
    retry: false,
  })
  return { query, segments: computed(() => query.data.value ?? []) }
}

export function useLabelActions() {
  const queries = useQueryClient()
  const again = () => Promise.all([queries.invalidateQueries({ queryKey: ['labels'] }), queries.invalidateQueries({ queryKey: segmentsKey })])

  /** Make one. Throws ApiError. */
  async function create(noun: LabelNoun, name: string): Promise<Label> {
    const made = noun === 'lists' ? await ask<Label>(api.POST('/lists', { body: { name } }))
      : noun === 'tags' ? await ask<Label>(api.POST('/tags', { body: { name } }))
        : await ask<Label>(api.POST('/attributes', { body: { name } }))
    await again()
    return made
  }
  /** Give it another name. Throws ApiError. */
  async function rename(noun: LabelNoun | 'segments', id: string, name: string): Promise<void> {
    const init = { params: { path: { id } }, body: { name } }
    if (noun === 'lists') await ask(api.PATCH('/lists/{id}', init))
    else if (noun === 'tags') await ask(api.PATCH('/tags/{id}', init))
    else if (noun === 'segments') await ask(api.PATCH('/segments/{id}', init))
    else await ask(api.PATCH('/attributes/{id}', init))
    await again()
  }
  /** Change a tag, and what gives it by itself. Throws ApiError. */
  async function changeTag(id: string, body: { name: string; firstMessage: boolean; keywords: string[] }): Promise<void> {
    await ask(api.PATCH('/tags/{id}', { params: { path: { id } }, body }))
    await again()
  }
  /** Take it off its contacts, which stay. Throws ApiError. */
  async function remove(noun: LabelNoun | 'segments', id: string): Promise<void> {
    const init = { params: { path: { id } } }
    if (noun === 'lists') await ask(api.DELETE('/lists/{id}', init))
    else if (noun === 'tags') await ask(api.DELETE('/tags/{id}', init))
    else if (noun === 'segments') await ask(api.DELETE('/segments/{id}', init))
    else await ask(api.DELETE('/attributes/{id}', init))
    await again()
  }
  /** Keep a filter under a name. Throws ApiError. */
  async function saveSegment(name: string, filter: Record<string, unknown>): Promise<Segment> {
    const made = await ask<Segment>(api.POST('/segments', { body: { name, filter } }))
    await again()
    return made
  }
  return { create, rename, changeTag, remove, saveSegment, again }
}
