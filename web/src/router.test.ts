import { expect, it, vi } from 'vitest'
import { begin, end, sessionEnded } from './api/session'
import { router } from './router'

vi.mock('./auth/setup', () => ({ needsSetup: () => Promise.resolve(false) }))

it('asks to sign in when the session turns out to have ended while a page loads', async () => {
  begin()
  // The answer to the first call comes before the page's code.
  router.beforeEach((to) => { if (to.name === 'inbox') end('expired') })
  await router.push('/inbox?view=unread')
  expect(router.currentRoute.value.name).toBe('login')
  expect(router.currentRoute.value.query).toEqual({ next: '/inbox?view=unread' })
  expect(sessionEnded.value).toBe('expired')
})
