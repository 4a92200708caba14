/** Automations: the list, one with its figures and runs, what can be done, and their live module. */
import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { useMe } from '@/api/me'
import { flatten, mapItems, type Pages } from '@/api/queries'
import type { Automation, AutomationDocument, AutomationFigures, AutomationKind, AutomationRecipe, AutomationRun, AutomationTrial, RunState } from '@/api/views'

const PAGE = 50
/** No event tells of runs: they are read again so often while they are looked at. */
const REREAD_MS = 5_000

export const automationsKey = ['automations'] as const
const listKey = [...automationsKey, 'list'] as const
const oneKey = (id: string) => [...automationsKey, 'one', id] as const

export interface AutomationFilters { kind?: string }

export function useAutomations(filters: Ref<AutomationFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...listKey, filters.value]),
    queryFn: ({ pageParam, signal }) => {
      const kind = filters.value.kind as AutomationKind | undefined
      return askPage<Automation>(api.GET('/automations', { params: { query: { kind, limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 6 * REREAD_MS,
  })
  return { query, automations: computed(() => flatten(query.data.value as Pages<Automation> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

export function useAutomation(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => oneKey(id.value)),
    queryFn: () => ask<Automation>(api.GET('/automations/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

/** The names of all automations; none for whoever may not see them. */
export function useAutomationNames() {
  const { may } = useMe()
  const allowed = may('automations:read')
  const query = useQuery({
    queryKey: [...automationsKey, 'names'],
    queryFn: async () => (await askPage<Automation>(api.GET('/automations', { params: { query: { limit: 200 } } }))).items.map((one) => ({ label: one.name, value: one.id })),
    enabled: allowed,
    retry: false,
  })
  return computed(() => query.data.value ?? [])
}

/** Ready-made automations to begin with; they come with the server and do not change while it runs. */
export function useRecipes(enabled: Ref<boolean>) {
  const query = useQuery({ queryKey: ['automation-recipes'], queryFn: () => ask<AutomationRecipe[]>(api.GET('/automations/recipes')), enabled, staleTime: Infinity, retry: false })
  return { query, recipes: computed(() => query.data.value ?? []) }
}

export function useFigures(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...oneKey(id.value), 'figures']),
    queryFn: () => ask<AutomationFigures>(api.GET('/automations/{id}/statistics', { params: { path: { id: id.value } } })),
    refetchInterval: REREAD_MS,
  })
}

export function useRuns(id: Ref<string>, state: Ref<string | undefined>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...oneKey(id.value), 'runs', state.value ?? null]),
    queryFn: ({ pageParam, signal }) => askPage<AutomationRun>(api.GET('/automations/{id}/runs', {
      params: { path: { id: id.value }, query: { state: state.value as RunState | undefined, limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: REREAD_MS,
  })
  return { query, runs: computed(() => flatten(query.data.value as Pages<AutomationRun> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

function patch(queries: QueryClient, id: string, change: (one: Automation) => Automation): void {
  queries.setQueryData<Automation>(oneKey(id), (one) => (one === undefined ? one : change(one)))
  for (const [key, data] of queries.getQueriesData<Pages<Automation>>({ queryKey: listKey })) {
    if (data !== undefined) queries.setQueryData(key, mapItems(data, (one) => (one.id === id ? change(one) : one)))
  }
}

/** What can be done with automations. Each throws ApiError. */
export function useAutomationActions() {
  const queries = useQueryClient()
  const at = (id: string) => ({ params: { path: { id } } })
  const again = () => queries.invalidateQueries({ queryKey: automationsKey })

  /** The switch shows at once what is wanted, and what it was where the server refuses. */
  async function toggle(one: Automation, enabled: boolean): Promise<Automation> {
    await queries.cancelQueries({ queryKey: automationsKey })
    patch(queries, one.id, (now) => ({ ...now, enabled }))
    try {
      const changed = await ask<Automation>(enabled ? api.POST('/automations/{id}/enable', at(one.id)) : api.POST('/automations/{id}/disable', at(one.id)))
      patch(queries, one.id, () => changed)
      return changed
    } catch (error) {
      patch(queries, one.id, (now) => ({ ...now, enabled: one.enabled }))
      throw error
    }
  }
  async function create(kind: AutomationKind, body: { name: string } & AutomationDocument): Promise<Automation> {
    const made = await ask<Automation>(api.POST('/automations', { body: { ...body, kind } as never }))
    await again()
    return made
  }
  async function change(id: string, body: Partial<{ name: string } & AutomationDocument>): Promise<Automation> {
    const changed = await ask<Automation>(api.PATCH('/automations/{id}', { ...at(id), body: body as never }))
    patch(queries, id, () => changed)
    // Not waited for: what is typed meanwhile belongs to the version that was saved.
    void again()
    return changed
  }
  async function remove(id: string): Promise<void> {
    await ask(api.DELETE('/automations/{id}', at(id)))
    queries.removeQueries({ queryKey: oneKey(id) })
    await again()
  }
  async function stopRun(id: string, runId: string): Promise<void> {
    await ask(api.POST('/automations/{id}/runs/{runId}/stop', { params: { path: { id, runId } } }))
    await again()
  }
  async function stopAll(id: string): Promise<number> {
    const { stopped } = await ask<{ stopped: number }>(api.POST('/automations/{id}/stop', at(id)))
    await again()
    return stopped
  }
  /** What a draft would do; nothing is sent or stored. */
  const trial = (kind: AutomationKind, { trigger, conditions, steps, limits, goal }: AutomationDocument, what: { days: number } | { text: string }) =>
    ask<AutomationTrial>(api.POST('/automations/test', { body: { kind, trigger, conditions, steps, limits, goal, ...what } as never }))
  /** As it stands on the server now. */
  const reread = (id: string) => ask<Automation>(api.GET('/automations/{id}', at(id)))
  return { toggle, create, change, remove, stopRun, stopAll, trial, reread }
}
