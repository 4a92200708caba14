/** Who is signed in, and what they may do. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { chooseLanguage } from '../i18n'
import { api, ask } from './client'
import { queryClient } from './queries'
import { begin, end, signedIn } from './session'
import { stopLive } from './live'
import type { Me, OwnProfile } from './views'

/** `code` where the account has a second factor; without it the server answers SECOND_FACTOR_REQUIRED. */
export async function signIn(email: string, password: string, code?: string): Promise<void> {
  const { user } = await ask<{ user: OwnProfile }>(api.POST('/auth/login', { body: { email, password, code, cookie: true } }))
  if (user.language !== null) await chooseLanguage(user.language)
  queryClient.clear()
  begin()
}

/** Keep a language with the account, for every browser in which this person signs in. */
export async function keepLanguage(language: string): Promise<void> {
  await ask(api.PATCH('/auth/profile', { body: { language } }))
}

/** End the session here and on the server. One that has ended there already is as good. */
export async function signOut(): Promise<void> {
  stopLive()
  try {
    await ask(api.POST('/auth/logout'))
  } catch {
    // Without a network the cookie stays until it expires; this page forgets it in any case.
  }
  end()
  queryClient.clear()
}

/** Whether a list of scopes allows one: `*`, the scope itself, or its family (`chats:*`). */
export function allows(scopes: string[], scope: string): boolean {
  const family = `${scope.split(':')[0] ?? ''}:*`
  return scopes.some((one) => one === '*' || one === scope || one === family)
}

const meQuery = { queryKey: ['me'], queryFn: () => ask<Me>(api.GET('/auth/me')) }

/** Where somebody lands who asked for no page: at the overview who may see figures, else in the inbox. */
export async function landing(): Promise<string> {
  try {
    const me = await queryClient.fetchQuery({ ...meQuery, staleTime: Infinity })
    return allows(me.scopes, 'usage:read') ? '/overview' : '/inbox'
  } catch {
    return '/inbox'
  }
}

export function useMe() {
  const query = useQuery({
    ...meQuery,
    enabled: signedIn,
    staleTime: Infinity,
  })
  /** Whether the person has this scope; false until it is known. */
  const may = (scope: string) => computed(() => query.data.value !== undefined && allows(query.data.value.scopes, scope))
  const timezone = computed(() => query.data.value?.workspace.timezone ?? 'UTC')
  return { me: query.data, may, timezone }
}
