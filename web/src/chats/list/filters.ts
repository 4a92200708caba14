/** The filters of the chat list, kept in the address so that a link and a reload show the same. */
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { ChatKind } from '@/api/views'
import { text, type TextKey } from '@/i18n'
import { useProfiles } from '@/profiles/store'
import { useDepartmentNames } from '@/team/members'
import { useTeam } from '@/team/store'
import type { FilterPart } from '@/ui/FilterSentence.vue'
import { CHAT_VIEWS, type ChatFilters } from '../model'

const KINDS: ChatKind[] = ['private', 'group', 'newsletter']
const NAMES = { view: 'view', profileId: 'channel', kind: 'kind', assigneeId: 'assignee', departmentId: 'team', tag: 'tag', search: 'q' } as const

export function useChatFilters() {
  const route = useRoute()
  const router = useRouter()
  const { byId: profiles } = useProfiles()
  const { nameOf } = useTeam()
  const { departmentOf } = useDepartmentNames()

  const given = (name: string) => {
    const value = route.query[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const filters = computed<ChatFilters>(() => ({
    view: CHAT_VIEWS.find((one) => one === given(NAMES.view)) ?? 'open',
    profileId: given(NAMES.profileId),
    kind: KINDS.find((one) => one === given(NAMES.kind)),
    assigneeId: given(NAMES.assigneeId),
    departmentId: given(NAMES.departmentId),
    tag: given(NAMES.tag),
    search: given(NAMES.search),
  }))

  function set(changes: Partial<ChatFilters>): void {
    const query = { ...route.query }
    for (const [key, value] of Object.entries(changes) as [keyof typeof NAMES, string | undefined][]) {
      if (value === undefined || value === '' || (key === 'view' && value === 'open')) Reflect.deleteProperty(query, NAMES[key])
      else query[NAMES[key]] = value
    }
    void router.replace({ query })
  }
  const NOTHING = { profileId: undefined, kind: undefined, assigneeId: undefined, departmentId: undefined, tag: undefined, search: undefined }
  const clear = () => { set(NOTHING) }
  /** Show these filters and no others. */
  const replace = (wanted: ChatFilters) => { set({ ...NOTHING, ...wanted }) }

  // A search in the open chats finds those that are put aside as well.
  const subject = computed(() => text((filters.value.view === 'open' && filters.value.search !== undefined ? 'chats.filters.sentence.all' : `chats.filters.sentence.${filters.value.view}`) as TextKey))
  const parts = computed<FilterPart[]>(() => {
    const { profileId, kind, assigneeId, departmentId, tag, search } = filters.value
    const found: FilterPart[] = []
    if (profileId !== undefined) found.push({ key: 'profileId', label: text('chats.filters.onChannel', { name: profiles.value.get(profileId)?.name ?? profileId }) })
    if (kind !== undefined) found.push({ key: 'kind', label: text('chats.filters.ofKind', { kind: text(`chats.filters.${kind}`) }) })
    if (assigneeId !== undefined) found.push({ key: 'assigneeId', label: text('chats.filters.withAssignee', { name: nameOf(assigneeId) ?? assigneeId }) })
    if (departmentId !== undefined) found.push({ key: 'departmentId', label: departmentId === 'none' ? text('chats.filters.teamless') : departmentId === 'me' ? text('chats.filters.ownTeam') : text('chats.filters.ofTeam', { name: departmentOf(departmentId) ?? departmentId }) })
    if (tag !== undefined) found.push({ key: 'tag', label: text('chats.filters.tagged', { name: tag }) })
    if (search !== undefined) found.push({ key: 'search', label: text('chats.filters.matching', { text: search }) })
    return found
  })
  return { filters, set, clear, replace, subject, parts }
}
