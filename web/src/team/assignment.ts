/** Rules by which chats that open without an assignee get one. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '@/api/client'
import type { AssignmentNext, AssignmentRule } from '@/api/views'

/** A rule that is edited; a new one has no id yet. */
export type RuleDraft = Omit<AssignmentRule, 'id'> & { id: string | null }

export function emptyRule(name: string): RuleDraft {
  return { id: null, name, enabled: true, profileIds: [], tags: [], hours: null, visit: null, how: 'round_robin', memberIds: [], departmentId: null, onlineOnly: false, maxOpen: null }
}

/** A list with one rule a place further up (-1) or down (1); the same where it cannot go there. */
export function moved<T>(rules: readonly T[], index: number, by: -1 | 1): T[] {
  const next = [...rules]
  const other = index + by
  if (other < 0 || other >= next.length) return next
  const [one] = next.splice(index, 1)
  next.splice(other, 0, one as T)
  return next
}

export function useAssignmentRules() {
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['assignment', 'rules'], queryFn: () => ask<AssignmentRule[]>(api.GET('/assignment-rules')), staleTime: 0 })
  // Who comes next changes with every chat: read anew whenever the page is looked at.
  const next = useQuery({ queryKey: ['assignment', 'next'], queryFn: () => ask<AssignmentNext[]>(api.GET('/assignment-rules/next')), staleTime: 0, refetchOnWindowFocus: true })
  /** Set all of them. Throws ApiError. */
  async function save(rules: readonly RuleDraft[]): Promise<void> {
    queries.setQueryData(['assignment', 'rules'], await ask<AssignmentRule[]>(api.PUT('/assignment-rules', { body: { rules: [...rules] } })))
    await queries.invalidateQueries({ queryKey: ['assignment', 'next'] })
  }
  return { query, next, save }
}
