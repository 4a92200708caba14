/**
 * Whether somebody is signed in. The session itself is a cookie that scripts cannot read; the browser sends it with every
 * call and with the live socket. Kept here is only that there is one, so that the first page is the right one.
 */
import { computed, readonly, ref } from 'vue'

const KEY = 'jackfield.session'
const OPEN = 'open'

function stored(): boolean {
  try {
    return localStorage.getItem(KEY) === OPEN
  } catch {
    return false
  }
}

const open = ref(stored())

export const signedIn = computed(() => open.value)

/** Why the last session ended, for the sign-in page. */
const ended = ref<'expired' | null>(null)
export const sessionEnded = readonly(ended)

function keep(): void {
  try {
    if (open.value) localStorage.setItem(KEY, OPEN)
    else localStorage.removeItem(KEY)
  } catch {
    // Without storage one is asked to sign in after a reload, and that is all.
  }
}

export function begin(): void {
  open.value = true
  ended.value = null
  keep()
}

export function end(why: 'expired' | null = null): void {
  open.value = false
  ended.value = why
  keep()
}

// Signing out in one tab signs out all of them.
if (typeof window !== 'undefined') {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY) open.value = event.newValue === OPEN
  })
}
