/** What every part of the editor shares: what is wrong where, what can be chosen, and which card is open. */
import { computed, inject, type InjectionKey, provide, type Ref, ref } from 'vue'
import { useMe } from '@/api/me'
import { useLabels } from '@/contacts/labels'
import { useKnowledge } from '@/ai/store'
import { useProfiles } from '@/profiles/store'
import { useDepartments } from '@/team/members'
import { memberName, useTeam } from '@/team/store'
import { isolate } from '@/format/direction'
import type { Names } from '../sentences'
import { useAutomationNames } from '../store'
import { everyStep, type Tree } from '../tree'

export interface Choice {
  label: string
  value: string
}

function makeContext(tree: Ref<Tree>, readonly: Ref<boolean>, problems: Ref<Map<string, string>>) {
  const { profiles, byId } = useProfiles()
  const { members, nameOf } = useTeam()
  const automations = useAutomationNames()
  const tags = useLabels('tags').labels
  const lists = useLabels('lists').labels
  const attributes = useLabels('attributes').labels
  const { timezone, may } = useMe()
  const maySee = may('tickets:read')
  const found = useDepartments(() => maySee.value)
  const departments = computed((): Choice[] => (found.data.value ?? []).map((one) => ({ label: one.name, value: one.id })))
  const pages = useKnowledge()
  const opened = ref<string | null>(null)
  const names: Names = {
    channel: (id) => byId.value.get(id)?.name,
    member: (id) => nameOf(id),
    automation: (id) => automations.value.find((one) => one.value === id)?.label,
    department: (id) => departments.value.find((one) => one.value === id)?.label,
  }
  return {
    readonly, opened, names, timezone, automations, departments,
    knowledge: computed((): Choice[] => (pages.query.data.value ?? []).map((one) => ({ label: one.name, value: one.id }))),
    steps: computed(() => everyStep(tree.value)),
    channels: computed((): Choice[] => profiles.value.map((one) => ({ label: one.name, value: one.id }))),
    members: computed((): Choice[] => members.value.map((one) => ({ label: memberName(one), value: one.id }))),
    tags: computed(() => tags.value.map((one) => one.name)),
    lists: computed(() => lists.value.map((one) => one.name)),
    attributes: computed(() => attributes.value.map((one) => one.name)),
    /** What the server said of a place, if anything. */
    problem: (place: string) => {
      const found = problems.value.get(place)
      return found === undefined ? undefined : isolate(found)
    },
    /** Whether anything is wrong at a place or beneath it. */
    isWrong: (place: string) => [...problems.value.keys()].some((one) => one === place || one.startsWith(`${place}.`)),
  }
}
export type EditorContext = ReturnType<typeof makeContext>

const KEY: InjectionKey<EditorContext> = Symbol('automation editor')

export function provideEditor(tree: Ref<Tree>, readonly: Ref<boolean>, problems: Ref<Map<string, string>>): EditorContext {
  const context = makeContext(tree, readonly, problems)
  provide(KEY, context)
  return context
}

export function useEditor(): EditorContext {
  const found = inject(KEY)
  if (found === undefined) throw new Error('no editor around this part')
  return found
}
