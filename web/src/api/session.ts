/**
 * Who is signed in, and the token that says so. The only module that knows how a session is kept: what the rest of the
 * dashboard needs is `signedIn`, `authorize` for calls, and `socketQuery` for the live socket.
 */
import { computed, readonly, ref } from 'vue'

const KEY = 'jackfield.session'

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

const token = ref<string | null>(stored())

export const signedIn = computed(() => token.value !== null)

/** Why the last session ended, for the sign-in page. */
const ended = ref<'expired' | null>(null)
export const sessionEnded = readonly(ended)

export function begin(given: string): void {
  token.value = given
  ended.value = null
  try {
    localStorage.setItem(KEY, given)
  } catch {
    // Without storage the session lasts until the page is reloaded.
  }
}

export function end(why: 'expired' | null = null): void {
  token.value = null
  ended.value = why
  try {
    localStorage.removeItem(KEY)
  } catch {
    // There was nothing to remove.
  }
}

/** Headers that authenticate a call. */
export function authorize(headers: Headers): void {
  if (token.value !== null) headers.set('Authorization', `Bearer ${token.value}`)
}

/** Query parameters that authenticate the live socket: browsers cannot set its headers. */
export function socketQuery(): Record<string, string> {
  return token.value === null ? {} : { token: token.value }
}

// Signing out in one tab signs out all of them.
if (typeof window !== 'undefined') {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY) token.value = event.newValue
  })
}
