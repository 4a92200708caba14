/** Your own account: profile, password, second factor, sessions. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask, askPage } from '@/api/client'
import type { LoginSession, OwnProfile, SecondFactor } from '@/api/views'

const KEY = 'account'

export function useOwnProfile() {
  return useQuery({ queryKey: [KEY, 'profile'], queryFn: () => ask<OwnProfile>(api.GET('/auth/profile')) })
}
export function useSecondFactor() {
  return useQuery({ queryKey: [KEY, 'second-factor'], queryFn: () => ask<SecondFactor>(api.GET('/auth/second-factor')) })
}
export function useSessions() {
  return useQuery({
    queryKey: [KEY, 'sessions'],
    queryFn: async () => (await askPage<LoginSession>(api.GET('/auth/sessions', { params: { query: { limit: 200 } } }))).items,
    staleTime: 0,
  })
}

/** What can be done with one's own account. All throw ApiError. */
export function useAccountActions() {
  const queries = useQueryClient()
  const reread = (...parts: string[]) => Promise.all(parts.map((part) => queries.invalidateQueries({ queryKey: [KEY, part] })))

  async function rename(firstName: string, lastName: string): Promise<void> {
    queries.setQueryData([KEY, 'profile'], await ask<OwnProfile>(api.PATCH('/auth/profile', { body: { firstName, lastName } })))
    await queries.invalidateQueries({ queryKey: ['team'] })
  }
  /** While you are away no rule gives you chats. */
  async function setAway(away: boolean): Promise<void> {
    queries.setQueryData([KEY, 'profile'], await ask<OwnProfile>(api.PATCH('/auth/profile', { body: { away } })))
    await queries.invalidateQueries({ queryKey: ['team'] })
  }
  async function changePassword(currentPassword: string, password: string): Promise<void> {
    await ask(api.POST('/auth/password', { body: { currentPassword, password } }))
    await reread('sessions')
  }
  /** A secret for an authenticator app; it counts once confirmed by a code. */
  function enrol(password: string): Promise<{ secret: string; url: string }> {
    return ask(api.POST('/auth/second-factor', { body: { password } }))
  }
  async function confirm(code: string): Promise<string[]> {
    const { recoveryCodes } = await ask<{ recoveryCodes: string[] }>(api.POST('/auth/second-factor/confirm', { body: { code } }))
    await reread('second-factor', 'sessions')
    // What was refused for want of a second factor is allowed now.
    await queries.invalidateQueries({ predicate: (one) => one.state.status === 'error' })
    return recoveryCodes
  }
  async function renewCodes(password: string): Promise<string[]> {
    const { recoveryCodes } = await ask<{ recoveryCodes: string[] }>(api.POST('/auth/second-factor/recovery-codes', { body: { password } }))
    await reread('second-factor')
    return recoveryCodes
  }
  async function disable(password: string): Promise<void> {
    await ask(api.POST('/auth/second-factor/disable', { body: { password } }))
    await reread('second-factor')
  }
  async function endSession(id: string): Promise<void> {
    await ask(api.DELETE('/auth/sessions/{id}', { params: { path: { id } } }))
    await reread('sessions')
  }
  async function endOthers(): Promise<number> {
    const { ended } = await ask<{ ended: number }>(api.DELETE('/auth/sessions'))
    await reread('sessions')
    return ended
  }
  return { rename, setAway, changePassword, enrol, confirm, renewCodes, disable, endSession, endOthers }
}
