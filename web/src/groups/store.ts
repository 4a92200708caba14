/** Groups and newsletters of a channel, and what can be done in them. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ApiError, ask } from '@/api/client'
import { addLiveModule } from '@/api/live'
import type { Group } from '@/api/views'

export type Kind = 'groups' | 'newsletters'
export const groupsKey = ['groups'] as const

const read = (kind: Kind, profileId: string, refresh: boolean): Promise<Group[]> => {
  const init = { params: { query: { profileId, refresh } } }
  return kind === 'groups' ? ask<Group[]>(api.GET('/groups', init)) : ask<Group[]>(api.GET('/newsletters', init))
}

/** As the network has them; as known here where it cannot be asked. */
async function readAnew(kind: Kind, profileId: string): Promise<Group[]> {
  try {
    return await read(kind, profileId, true)
  } catch (error) {
    if (error instanceof ApiError && error.isForbidden) throw error
    return read(kind, profileId, false)
  }
}

export function useGroups(kind: Ref<Kind>, profileId: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => [...groupsKey, 'list', kind.value, profileId.value]),
    queryFn: () => readAnew(kind.value, profileId.value),
    enabled: () => profileId.value !== '',
    retry: false,
  })
  return { query, groups: computed(() => query.data.value ?? []) }
}

export function useGroup(id: Ref<string>, profileId: Ref<string>) {
  return useQuery({
    queryKey: computed(() => [...groupsKey, 'one', profileId.value, id.value]),
    queryFn: () => ask<Group>(api.GET('/groups/{groupId}', { params: { path: { groupId: id.value }, query: { profileId: profileId.value } } })),
    enabled: () => id.value !== '' && profileId.value !== '',
    retry: false,
  })
}

export interface JoinRequest { id: string; phone: string | null }

export function useJoinRequests(id: Ref<string>, profileId: Ref<string>, able: Ref<boolean>) {
  return useQuery({
    queryKey: computed(() => [...groupsKey, 'requests', profileId.value, id.value]),
    queryFn: () => ask<JoinRequest[]>(api.GET('/groups/{groupId}/join-requests', { params: { path: { groupId: id.value }, query: { profileId: profileId.value } } })),
    enabled: () => able.value && id.value !== '',
    retry: false,
  })
}

export type Change = 'add' | 'remove' | 'promote' | 'demote'

/** Each throws ApiError. */
export function useGroupActions() {
  const queries = useQueryClient()
  const again = () => queries.invalidateQueries({ queryKey: groupsKey })
  async function then<T>(call: Promise<T>): Promise<T> {
    const done = await call
    await again()
    return done
  }
  const at = (groupId: string, profileId: string) => ({ params: { path: { groupId }, query: { profileId } } })
  return {
    /** Ask the network anew. */
    refresh: (kind: Kind, profileId: string) => then(read(kind, profileId, true)),
    create: (profileId: string, name: string, participants: string[]) => then(ask<Group>(api.POST('/groups', { body: { profileId, name, participants } }))),
    change: (id: string, profileId: string, fields: { name?: string; description?: string }) => then(ask(api.PATCH('/groups/{groupId}', { ...at(id, profileId), body: fields }))),
    people: (change: Change, id: string, profileId: string, participants: string[]) => {
      const init = { ...at(id, profileId), body: { participants } }
      if (change === 'add') return then(ask(api.POST('/groups/{groupId}/participants/add', init)))
      if (change === 'remove') return then(ask(api.POST('/groups/{groupId}/participants/remove', init)))
      return then(change === 'promote' ? ask(api.POST('/groups/{groupId}/participants/promote', init)) : ask(api.POST('/groups/{groupId}/participants/demote', init)))
    },
    link: async (id: string, profileId: string) => (await ask<{ link: string }>(api.GET('/groups/{groupId}/invite-link', at(id, profileId)))).link,
    revoke: async (id: string, profileId: string) => (await ask<{ link: string }>(api.POST('/groups/{groupId}/invite-link/revoke', { ...at(id, profileId), body: {} }))).link,
    leave: (id: string, profileId: string) => then(ask(api.POST('/groups/{groupId}/leave', { ...at(id, profileId), body: {} }))),
  }
}

addLiveModule({
  events: ['group.changed'],
  take: (_events, queries) => { void queries.invalidateQueries({ queryKey: groupsKey }) },
})
