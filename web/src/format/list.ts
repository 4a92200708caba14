/** Several things in one sentence. */
import { settings } from './settings'

/** "Ana, Ben and Caro" in the language of the page. */
export function listed(all: readonly string[], type: 'conjunction' | 'disjunction' = 'disjunction'): string {
  return new Intl.ListFormat(settings.locale, { type }).format(all)
}
