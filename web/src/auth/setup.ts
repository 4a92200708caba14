/** The first run: whether the server waits for its owner, and becoming it. */
import { api, ask } from '@/api/client'
import { queryClient } from '@/api/queries'
import { begin } from '@/api/session'

/** Once there is an owner, there is always one. */
let isDone = false

/** Whether the server has no owner yet. A server that cannot be asked is none that waits. */
export async function needsSetup(): Promise<boolean> {
  if (isDone) return false
  try {
    const { needed } = await ask<{ needed: boolean }>(api.GET('/setup'))
    isDone = !needed
    return needed
  } catch {
    return false
  }
}

export interface Owner {
  code: string
  email: string
  password: string
  firstName: string
  lastName: string
  workspaceName: string
  timezone: string
  defaultCountry: string | null
}

/** Become the owner, and be logged in. Throws ApiError. */
export async function setUp(owner: Owner): Promise<void> {
  await ask(api.POST('/setup', { body: { ...owner, cookie: true } }))
  isDone = true
  queryClient.clear()
  begin()
}
