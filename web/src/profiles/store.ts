/** The channels of the workspace (the API calls them profiles), and their live module. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/api/client'
import { addLiveModule } from '@/api/live'
import type { Engine, Profile } from '@/api/views'

export const profilesKey = ['profiles'] as const

/** Whoever writes on these networks may do so for 24 hours after the person's last message. */
const WINDOWED = new Set(['whatsapp_cloud'])

export function useProfiles() {
  const query = useQuery({ queryKey: profilesKey, queryFn: () => ask<Profile[]>(api.GET('/profiles')) })
  const profiles = computed(() => query.data.value ?? [])
  const simulators = computed(() => profiles.value.filter((one) => one.simulated))
  const byId = computed(() => new Map(profiles.value.map((one) => [one.id, one])))
  return { query, profiles, simulators, byId }
}

export function useEngines() {
  const query = useQuery({
    queryKey: ['engines'],
    queryFn: () => ask<Engine[]>(api.GET('/engines')),
    staleTime: Infinity,
  })
  return { query, engines: computed(() => new Map((query.data.value ?? []).map((one) => [one.name, one]))) }
}

/** Whether free messages end 24 hours after the person's last one. */
export function hasWindow(profile: Profile | undefined): boolean {
  return profile !== undefined && WINDOWED.has(profile.engine)
}

addLiveModule({
  events: ['session.*'],
  take: (_events, queries) => {
    void queries.invalidateQueries({ queryKey: profilesKey })
    void queries.invalidateQueries({ queryKey: ['profile'] })
  },
})
