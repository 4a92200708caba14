/** What a campaign says of itself: how far it is, what became of its messages, what a recipient will read. */
import type { Campaign, CampaignStats, Contact, Figures } from '@/api/views'

export interface Stage {
  state: 'total' | 'sent' | 'delivered' | 'read' | 'replied'
  count: number
  /** Of all recipients. */
  share: number
}

/** The stages from recipient to answer; each contains the next. */
export function funnel(stats: CampaignStats): Stage[] {
  const share = (count: number) => (stats.total === 0 ? 0 : count / stats.total)
  return (['total', 'sent', 'delivered', 'read', 'replied'] as const).map((state) => ({ state, count: stats[state], share: share(stats[state]) }))
}

/** What did not arrive, and what still waits; without those of which there are none. */
export function leftOut(figures: Figures): { state: 'queued' | 'failed' | 'skipped' | 'uncertain' | 'cancelled'; count: number }[] {
  return ([['queued', figures.pending], ['failed', figures.failed], ['skipped', figures.skipped], ['uncertain', figures.uncertain], ['cancelled', figures.cancelled]] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => ({ state, count }))
}

/** Which share of the recipients is settled, from 0 to 1. */
export function progress(campaign: Campaign | CampaignStats): number {
  return campaign.total === 0 ? 0 : (campaign.total - campaign.pending) / campaign.total
}

/** Whether its recipients are being written down now; before the start that still lies ahead. */
export function isPreparing(campaign: Campaign): boolean {
  return campaign.preparing && campaign.startedAt !== null
}

/** Whether its figures may still change. */
export function isMoving(campaign: Campaign | undefined): boolean {
  return campaign !== undefined && (campaign.status === 'running' || isPreparing(campaign))
}

export interface Sample {
  at: number
  pending: number
}

/** Messages per second between the first sample and the last, and the seconds that are left; null while unknown. */
export function pace(samples: Sample[]): { rate: number; seconds: number } | null {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.at - first.at < 3_000) return null
  const rate = ((first.pending - last.pending) * 1000) / (last.at - first.at)
  return rate <= 0 ? null : { rate, seconds: last.pending / rate }
}

// The server's own pattern: `{name}` and `{{name}}`.
const PLACEHOLDER = /\{\{?\s*([\w .-]{1,64}?)\s*\}?\}/g

/** The placeholders of texts, folded, in their order; places of a template (`{{1}}`) are none. */
export function placeholders(...texts: string[]): string[] {
  const found = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => (match[1] ?? '').toLowerCase()))
  return [...new Set(found)].filter((name) => !/^\d+$/.test(name))
}

const first = (contact: Contact) => contact.firstName ?? contact.name?.split(' ')[0] ?? ''

function fieldsOf(contact: Contact): Record<string, string> {
  return {
    name: contact.name ?? '', first_name: first(contact), firstname: first(contact), last_name: contact.lastName ?? '', lastname: contact.lastName ?? '',
    phone: contact.phone ?? '', mobile: contact.phone ?? '', email: contact.email ?? '', country: contact.country ?? '',
  }
}

export const FIELDS = ['first_name', 'name', 'last_name', 'phone', 'email', 'country']

/** What a text says to one person: attributes, then fields, then fallbacks. Names that nothing knows stay as written. */
export function personalise(text: string, contact: Contact | null, fallbacks: Record<string, string>): string {
  const fields: Record<string, string> = contact === null ? {} : fieldsOf(contact)
  const attributes = Object.fromEntries(Object.entries(contact?.attributes ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]))
  return text.replace(PLACEHOLDER, (whole, given: string) => {
    const name = given.toLowerCase()
    return attributes[name] || fields[name] || fallbacks[name] || (name in fields ? '' : whole)
  })
}
