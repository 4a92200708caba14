/** The members of the workspace. */
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, askPage } from '@/api/client'
import type { Member } from '@/api/views'

/** A member's name as others see it. */
export function memberName(member: Member): string {
  return [member.firstName, member.lastName].filter(Boolean).join(' ') || member.email
}

/** Members, for choosing and naming them; none for whoever may not see the team. */
export function useTeam() {
  const query = useQuery({
    queryKey: ['team'],
    queryFn: async () => (await askPage<Member>(api.GET('/team', { params: { query: { limit: 200 } } }))).items,
    staleTime: 5 * 60_000,
    retry: false,
  })
  const members = computed(() => (query.data.value ?? []).filter((one) => !one.disabled))
  const byId = computed(() => new Map((query.data.value ?? []).map((one) => [one.id, one])))
  const nameOf = (id: string | null) => {
    const member = id === null ? undefined : byId.value.get(id)
    return member === undefined ? null : memberName(member)
  }
  return { members, byId, nameOf }
}
