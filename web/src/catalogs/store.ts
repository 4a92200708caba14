/** Catalogs of a channel's account and their products. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { flatten, type Pages } from '@/api/queries'
import type { Catalog, Product } from '@/api/views'

const PAGE = 50
export const catalogsKey = ['catalogs'] as const

export function useCatalogs(profileId: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => [...catalogsKey, 'list', profileId.value]),
    queryFn: async () => (await askPage<Catalog>(api.GET('/catalogs', { params: { query: { profileId: profileId.value, limit: 200 } } }))).items,
    enabled: () => profileId.value !== '',
    retry: false,
  })
  return { query, catalogs: computed(() => query.data.value ?? []) }
}

export function useCatalog(id: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...catalogsKey, 'one', id.value]),
    queryFn: () => ask<Catalog>(api.GET('/catalogs/{id}', { params: { path: { id: id.value } } })),
    enabled: () => id.value !== '',
    retry: false,
  })
}

export function useProducts(id: Ref<string>, search: Ref<string | undefined>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...catalogsKey, 'products', id.value, search.value ?? null]),
    queryFn: ({ pageParam, signal }) => askPage<Product>(api.GET('/catalogs/{id}/products', { params: { path: { id: id.value }, query: { search: search.value, limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: () => id.value !== '',
    retry: false,
  })
  return { query, products: computed(() => flatten(query.data.value as Pages<Product> | undefined)), total: computed(() => query.data.value?.pages[0]?.total) }
}

/** Read a channel's catalogs at the provider. Throws ApiError. */
export function useCatalogActions() {
  const queries = useQueryClient()
  return {
    sync: async (profileId: string) => {
      await ask(api.POST('/catalogs/sync', { body: { profileId } }))
      await queries.invalidateQueries({ queryKey: catalogsKey })
    },
  }
}
