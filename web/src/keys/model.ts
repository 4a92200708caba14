/** What a key may do, as a choice: everything, some usual sets, or its own. Pure. */

export type Preset = 'all' | 'send' | 'read' | 'own'
export const PRESETS: Preset[] = ['send', 'read', 'all', 'own']

const SEND = ['messages:read', 'messages:write', 'media:read', 'media:write', 'templates:read']

export function scopesOf(preset: Preset, all: string[], own: string[]): string[] {
  if (preset === 'all') return ['*']
  if (preset === 'send') return SEND
  return preset === 'read' ? all.filter((one) => one.endsWith(':read')) : own
}

const same = (one: string[], other: string[]) => one.length === other.length && one.every((scope) => other.includes(scope))

/** Which choice a key's scopes are. */
export function presetOf(scopes: string[], all: string[]): Preset {
  if (scopes.includes('*')) return 'all'
  return (['send', 'read'] as const).find((one) => same(scopes, scopesOf(one, all, []))) ?? 'own'
}
