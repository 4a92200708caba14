/** What is chosen in the wizard: kept in the browser until it is sent, and turned into the body of a call. */
import { useStorage } from '@vueuse/core'
import type { Content, Segment, Template, TemplateParameter } from '@/api/views'
import { asContent, fieldKey, unsupported, type Values } from '@/chats/composer/templating'
import { text, type TextKey } from '@/i18n'
import { placeholders } from '../model'

export type Who = 'everybody' | 'lists' | 'tags' | 'segment'
export type Step = 'audience' | 'content' | 'schedule' | 'review'
export const STEPS: Step[] = ['audience', 'content', 'schedule', 'review']

export interface Draft {
  name: string
  profileId: string
  who: Who
  lists: string[]
  tags: string[]
  notTags: string[]
  segmentId: string
  kind: 'text' | 'template'
  text: string
  category: string
  templateId: string
  values: Values
  fallbacks: Record<string, string>
  when: 'now' | 'later'
  /** Wall time of the workspace. */
  at: string
  tag: string
  /** Count who follows links, by short links of this server. */
  trackLinks: boolean
  /** So that a double press makes one campaign. */
  key: string
}

export function emptyDraft(): Draft {
  return {
    name: '', profileId: '', who: 'everybody', lists: [], tags: [], notTags: [], segmentId: '', kind: 'text', text: '', category: 'marketing',
    templateId: '', values: {}, fallbacks: {}, when: 'now', at: '', tag: '', trackLinks: false, key: crypto.randomUUID(),
  }
}

export function useDraft() {
  const draft = useStorage<Draft>('jackfield.campaign', emptyDraft(), sessionStorage, { mergeDefaults: true })
  const discard = () => { draft.value = emptyDraft() }
  return { draft, discard }
}

/** The audience as a filter; null while nothing is chosen. */
export function audienceOf(draft: Draft, segments: Segment[]): Record<string, unknown> | null {
  const without = draft.notTags.length > 0 ? { not_tags: draft.notTags } : {}
  switch (draft.who) {
    case 'everybody': return { all: true, ...without }
    case 'lists': return draft.lists.length > 0 ? { lists: draft.lists, ...without } : null
    case 'tags': return draft.tags.length > 0 ? { any_tags: draft.tags, ...without } : null
    case 'segment': {
      const segment = segments.find((one) => one.id === draft.segmentId)
      return segment === undefined ? null : { ...segment.filter, ...without }
    }
  }
}

/** Those of an audience who also are so; null when the audience says the opposite already. */
export function narrowed(audience: Record<string, unknown>, more: Record<string, boolean>): Record<string, unknown> | null {
  for (const [key, value] of Object.entries(more)) {
    if (key in audience && audience[key] !== null && audience[key] !== value) return null
  }
  return { ...audience, ...more }
}

/** The texts in which placeholders may stand. */
export function textsOf(draft: Draft): string[] {
  return draft.kind === 'text' ? [draft.text] : Object.values(draft.values)
}

export const placeholdersOf = (draft: Draft) => placeholders(...textsOf(draft))

/** The fields of the content, as the API takes them. */
export function wireContent(draft: Draft, template: Template | undefined, parameters: TemplateParameter[]): Record<string, unknown> {
  if (draft.kind === 'text') return { text: draft.text }
  return { name: template?.name ?? '', language: template?.language ?? '', ...asContent(parameters, draft.values) }
}

/** The content as messages hold it, each text changed by `say`: for drawing it. */
export function drawnContent(draft: Draft, parameters: TemplateParameter[], say: (text: string) => string): Content {
  if (draft.kind === 'text') return { type: 'text', text: say(draft.text) }
  // A value that is not typed yet shows as its place.
  const values = (place: string) => parameters
    .filter((one) => one.place === place && one.kind === 'text' && one.card === null)
    .map((one) => ({ name: one.key, text: say(draft.values[fieldKey(one)] ?? '') || `{{${one.key}}}` }))
  return { type: 'template', header: { text: values('header') }, body: values('body') }
}

export type Need = 'name' | 'channel' | 'audience' | 'text' | 'template' | 'values' | 'time'

/** What a step lacks, in the order of its form. */
export function lacking(step: Step, draft: Draft, audience: Record<string, unknown> | null, parameters: TemplateParameter[] | undefined, at: string | null, now: number): Need[] {
  switch (step) {
    case 'audience': return [...(draft.name.trim() === '' ? ['name' as const] : []), ...(draft.profileId === '' ? ['channel' as const] : []), ...(audience === null ? ['audience' as const] : [])]
    case 'content':
      if (draft.kind === 'text') return draft.text.trim() === '' ? ['text'] : []
      if (draft.templateId === '') return ['template']
      return parameters === undefined || unsupported(parameters).length > 0 || parameters.some((one) => (draft.values[fieldKey(one)] ?? '').trim() === '') ? ['values'] : []
    case 'schedule': return draft.when === 'later' && (at === null || Date.parse(at) <= now) ? ['time'] : []
    case 'review': return []
  }
}

export const needWords = (needs: Need[]) => needs.map((need) => text(`campaigns.wizard.needs.${need}` as TextKey)).join(' ')
