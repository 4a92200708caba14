/** One channel: its details, its login, its day's figures, and what can be done with it. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import { useMe } from '@/api/me'
import type { Budget, Business, LoginStatus, Pacing, Profile } from '@/api/views'
import { spanStart, type UsageReport, type UsageRow } from '@/reports/model'
import { profilesKey } from './store'

export type ProfileDetails = Omit<Profile, 'pacing'> & { pacing: Pacing | null; budget: Budget | null; createdAt: string }

/** Codes and states also come by the live socket; this is for what changes without an event. */
const REREAD_MS = 10_000
const DAY_REREAD_MS = 60_000

export const channelKey = (id: string) => ['profile', id] as const
const businessKey = (id: string) => ['business', id] as const
/** States from which a channel gets on by itself or by a scan. */
export const MOVING = new Set(['connecting', 'pairing'])

export function useChannel(id: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => channelKey(id.value)),
    queryFn: () => ask<ProfileDetails>(api.GET('/profiles/{id}', { params: { path: { id: id.value } } })),
    refetchInterval: (one) => (MOVING.has(one.state.data?.status ?? '') ? REREAD_MS : false),
    retry: false,
  })
  return { query, channel: query.data }
}

/** What a person must scan or type now. */
export function useLogin(id: Ref<string>, active: Ref<boolean>) {
  const query = useQuery({
    queryKey: computed(() => [...channelKey(id.value), 'status']),
    queryFn: () => ask<LoginStatus>(api.GET('/profiles/{id}/status', { params: { path: { id: id.value } } })),
    enabled: active,
    refetchInterval: (one) => (MOVING.has(one.state.data?.status ?? '') ? REREAD_MS : false),
  })
  return computed(() => query.data.value?.login ?? null)
}

/** Today's messages by channel; none for whoever may not see figures. */
export function useToday() {
  const { may } = useMe()
  const query = useQuery({
    queryKey: ['usage', 'profile', 'today'],
    queryFn: () => ask<UsageReport>(api.GET('/usage', { params: { query: { by: 'profile', from: spanStart(1, new Date()) } as never } })),
    enabled: may('usage:read'),
    refetchInterval: DAY_REREAD_MS,
  })
  return computed(() => new Map((query.data.value?.rows ?? []).map((row): [string, UsageRow] => [row.key, row])))
}

export function useBusiness(id: Ref<string>, active: Ref<boolean>) {
  return useQuery({
    // Not below the channel's key: its events would ask a network that has just gone.
    queryKey: computed(() => businessKey(id.value)),
    queryFn: () => ask<Business>(api.GET('/profiles/{id}/business', { params: { path: { id: id.value } } })),
    enabled: active,
    retry: false,
  })
}

export interface ChannelChange {
  name?: string
  pacing?: Pacing
  config?: Record<string, unknown>
}

/** What can be done with channels. All throw ApiError. */
export function useChannelActions() {
  const queries = useQueryClient()
  async function reread(id?: string): Promise<void> {
    await Promise.all([
      queries.invalidateQueries({ queryKey: profilesKey }),
      id === undefined ? Promise.resolve() : queries.invalidateQueries({ queryKey: channelKey(id) }),
    ])
  }
  const at = (id: string) => ({ params: { path: { id } } })

  async function create(body: { name: string; engine: string; config: Record<string, unknown> }): Promise<Profile> {
    const made = await ask<Profile>(api.POST('/profiles', { body }))
    await reread()
    return made
  }
  async function change(id: string, body: ChannelChange): Promise<void> {
    await ask(api.PUT('/profiles/{id}', { ...at(id), body }))
    await reread(id)
  }
  /** Bring it up; `phone` asks for a code to be typed on that phone, `config` answers a login step with fields. */
  async function connect(id: string, body: { phone?: string; config?: Record<string, unknown> } = {}): Promise<void> {
    await ask(api.POST('/profiles/{id}/connect', { ...at(id), body }))
    await reread(id)
  }
  async function pause(id: string): Promise<void> {
    await ask(api.POST('/profiles/{id}/disconnect', at(id)))
    await reread(id)
  }
  async function makeDefault(id: string): Promise<void> {
    await ask(api.POST('/profiles/{id}/default', at(id)))
    await reread(id)
  }
  async function remove(id: string): Promise<void> {
    await ask(api.DELETE('/profiles/{id}', at(id)))
    await reread()
  }
  async function changeBusiness(id: string, body: Partial<Omit<Business, 'pictureUrl'>>): Promise<void> {
    const now = await ask<Business>(api.PUT('/profiles/{id}/business', { ...at(id), body: body as never }))
    queries.setQueryData(businessKey(id), now)
  }
  return { create, change, connect, pause, makeDefault, remove, changeBusiness }
}
