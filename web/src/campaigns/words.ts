/** An audience in words. */
import { text } from '@/i18n'

const names = (value: unknown) => (Array.isArray(value) ? value.map(String).join(', ') : String(value))

export function audienceWords(audience: Record<string, unknown>): string {
  const keys = Object.keys(audience).filter((key) => audience[key] !== null && key !== 'all')
  if (keys.length === 0) return text('campaigns.audience.all')
  const known: Record<string, (value: unknown) => string> = {
    lists: (value) => text('campaigns.audience.lists', { names: names(value) }),
    any_tags: (value) => text('campaigns.audience.tags', { names: names(value) }),
    tags: (value) => text('campaigns.audience.tags', { names: names(value) }),
    not_tags: (value) => text('campaigns.audience.notTags', { names: names(value) }),
    ids: (value) => text('campaigns.audience.ids', {}, Array.isArray(value) ? value.length : 1),
  }
  const words = keys.flatMap((key) => known[key]?.(audience[key]) ?? [])
  return [...words, ...(words.length < keys.length ? [text('campaigns.audience.other')] : [])].join(' · ')
}
