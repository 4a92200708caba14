/** Every address of the dashboard. The first part of each stands in `public/pages.json`, which the server reads. */
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from 'vue-router'
import { landing } from './api/me'
import { signedIn } from './api/session'
import { needsSetup } from './auth/setup'
import { PAGES } from './shell/pages'

export const routes: RouteRecordRaw[] = [
  // Owners land on the overview, agents in the inbox; the guard always leads on.
  { path: '/', name: 'home', component: () => import('./shell/NotFoundPage.vue'), beforeEnter: async () => ({ path: await landing(), replace: true }) },
  { path: '/login', name: 'login', component: () => import('./auth/LoginPage.vue'), meta: { open: true } },
  { path: '/setup', name: 'setup', component: () => import('./auth/SetupPage.vue'), meta: { open: true } },
  { path: '/join', name: 'join', component: () => import('./auth/JoinPage.vue'), meta: { open: true } },
  {
    path: '/',
    component: () => import('./shell/Shell.vue'),
    children: PAGES.flatMap((page) => page.routes),
  },
  { path: '/dev/ui', name: 'stories', component: () => import('./dev/StoriesPage.vue'), meta: { open: true, dev: true } },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./shell/NotFoundPage.vue'), meta: { open: true } },
]

export const router = createRouter({ history: createWebHistory(), routes })

/** Leads to the sign-in page whoever needs a session and has none. */
function signInFirst(to: RouteLocationNormalized) {
  if (to.meta.open === true || signedIn.value) return true
  return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
}

router.beforeEach(async (to) => {
  if (to.name !== 'setup' && to.meta.dev !== true && !signedIn.value && await needsSetup()) return { name: 'setup', hash: to.hash }
  return signInFirst(to)
})
// The session may turn out to have ended while the page's code was loading.
router.beforeResolve(signInFirst)
