/** API keys: listed without their secrets; made, changed, renewed and revoked. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref, ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import type { Key, NewKey } from '@/api/views'

export interface Scope { scope: string; description: string }
export interface KeyFields { name: string; scopes: string[]; profileId?: string; expiresAt: string | null }

export const keysKey = ['keys'] as const

/** The key that was made last on this page, for the examples. Nowhere kept, and gone with a reload. */
export const freshKey = ref<string | null>(null)

export function useKeys(revoked: Ref<boolean>) {
  const query = useQuery({
    queryKey: computed(() => [...keysKey, revoked.value]),
    queryFn: async () => (await askPage<Key>(api.GET('/keys', { params: { query: { revoked: revoked.value, limit: 200 } } }))).items,
    retry: false,
  })
  return { query, keys: computed(() => query.data.value ?? []) }
}

export function useScopes() {
  return useQuery({ queryKey: ['key-scopes'], queryFn: () => ask<Scope[]>(api.GET('/keys/scopes')), staleTime: Infinity, retry: false })
}

/** Each throws ApiError. */
export function useKeyActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: keysKey })
  const at = (id: string) => ({ params: { path: { id } } })
  async function fresh(call: Promise<NewKey>): Promise<NewKey> {
    const made = await call
    freshKey.value = made.key
    await again()
    return made
  }
  return {
    create: (fields: KeyFields) => fresh(ask<NewKey>(api.POST('/keys', { body: fields }))),
    rotate: (id: string) => fresh(ask<NewKey>(api.POST('/keys/{id}/rotate', at(id)))),
    change: async (id: string, { name, scopes, expiresAt }: KeyFields) => {
      await ask(api.PATCH('/keys/{id}', { ...at(id), body: { name, scopes, expiresAt } }))
      await again()
    },
    revoke: async (id: string) => {
      await ask(api.DELETE('/keys/{id}', at(id)))
      await again()
    },
  }
}
