/** Within what time people are answered. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '@/api/client'
import type { ReplyTarget } from '@/api/views'

export const emptyTarget = (): ReplyTarget => ({ profileId: null, departmentId: null, firstReplyMinutes: 15, nextReplyMinutes: 60, resolutionMinutes: null, workingHours: true, warnPercent: 80 })
/** Whose targets they are, as one word. */
export const scopeOf = (target: ReplyTarget) => (target.departmentId !== null ? `department:${target.departmentId}` : target.profileId !== null ? `profile:${target.profileId}` : 'workspace')
/** The same targets for somebody else. */
export function withScope(target: ReplyTarget, scope: string): ReplyTarget {
  const [kind, id] = scope.split(':')
  return { ...target, departmentId: kind === 'department' ? (id ?? null) : null, profileId: kind === 'profile' ? (id ?? null) : null }
}

export function useReplyTargets() {
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['reply-targets'], queryFn: () => ask<ReplyTarget[]>(api.GET('/reply-targets')), staleTime: 0 })
  /** Set all of them. Throws ApiError. */
  async function save(targets: ReplyTarget[]): Promise<void> {
    queries.setQueryData(['reply-targets'], await ask<ReplyTarget[]>(api.PUT('/reply-targets', { body: { targets } })))
    await queries.invalidateQueries({ queryKey: ['chats'] })
  }
  return { query, save }
}
