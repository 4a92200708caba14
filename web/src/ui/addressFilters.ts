/** Filters kept in the query of the address, so that a link, a reload and the way back show the same. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export type Filters<K extends string> = Partial<Record<K, string>>

export function useAddressFilters<K extends string>(names: readonly K[]) {
  const route = useRoute()
  const router = useRouter()
  const filters = computed<Filters<K>>(() => {
    const found: Filters<K> = {}
    for (const name of names) {
      const value = route.query[name]
      if (typeof value === 'string' && value !== '') found[name] = value
    }
    return found
  })

  function set(changes: Partial<Record<K, string | undefined>>): void {
    const query = { ...route.query }
    for (const [name, value] of Object.entries(changes) as [K, string | undefined][]) {
      if (value === undefined || value === '') Reflect.deleteProperty(query, name)
      else query[name] = value
    }
    void router.replace({ query })
  }
  const clear = () => { set(Object.fromEntries(names.map((name) => [name, undefined])) as Partial<Record<K, undefined>>) }
  return { filters, set, clear }
}
