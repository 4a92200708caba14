/** Channels whose networks can do something: have templates, groups, catalogs, calls. */
import { computed } from 'vue'
import { useEngines, useProfiles } from './store'

export function useCapable(...capabilities: string[]) {
  const { profiles, byId, query } = useProfiles()
  const { engines } = useEngines()
  const channels = computed(() => profiles.value.filter((one) => {
    const able = engines.value.get(one.engine)?.capabilities ?? []
    return capabilities.some((capability) => able.includes(capability))
  }))
  /** The one to begin with. */
  const first = computed(() => (channels.value.find((one) => one.isDefault) ?? channels.value[0])?.id ?? '')
  const known = computed(() => query.data.value !== undefined && engines.value.size > 0)
  return { channels, byId, query, first, known }
}
