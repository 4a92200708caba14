/** The team's page: members with all that is known of them, invitations, roles, departments, and what can be done. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { useMe } from '@/api/me'
import type { Department, Invitation, Member } from '@/api/views'

export const ROLES = ['owner', 'admin', 'agent'] as const
export type MemberRole = (typeof ROLES)[number]
export type TeamMember = Member & { lastLoginAt: string | null; departmentId: string | null }
export interface RoleRights {
  role: MemberRole
  scopes: string[]
}

const at = (id: string) => ({ params: { path: { id } } })
const all = { params: { query: { limit: 200 } } }

export function useMembers() {
  return useQuery({ queryKey: ['team', 'members'], queryFn: async () => (await askPage<TeamMember>(api.GET('/team', all))).items, staleTime: 0, refetchOnWindowFocus: true })
}
export function useInvitations(enabled: () => boolean) {
  return useQuery({ queryKey: ['team', 'invitations'], queryFn: async () => (await askPage<Invitation>(api.GET('/team/invitations', all))).items, enabled, staleTime: 0 })
}
export function useRoles(enabled: () => boolean) {
  return useQuery({ queryKey: ['team', 'roles'], queryFn: () => ask<RoleRights[]>(api.GET('/team/roles')), enabled, staleTime: Infinity })
}
/** Departments, for choosing and naming them; none for whoever may not see them. */
export function useDepartmentNames() {
  const { may } = useMe()
  const maySee = may('tickets:read')
  const query = useDepartments(() => maySee.value)
  const departments = computed(() => (maySee.value ? (query.data.value ?? []) : []))
  return { departments, departmentOf: (id: string | null) => departments.value.find((one) => one.id === id)?.name ?? null }
}

export function useDepartments(enabled: () => boolean) {
  return useQuery({ queryKey: ['departments'], queryFn: async () => (await askPage<Department>(api.GET('/departments'))).items, enabled, staleTime: 0 })
}

/** What can be done with the team. All throw ApiError. */
export function useTeamActions() {
  const queries = useQueryClient()
  const reread = () => queries.invalidateQueries({ queryKey: ['team'] })
  const rereadDepartments = () => queries.invalidateQueries({ queryKey: ['departments'] })

  async function change(id: string, body: { role?: MemberRole; disabled?: boolean; away?: boolean; departmentId?: string | null }): Promise<void> {
    await ask(api.PATCH('/team/{id}', { ...at(id), body }))
    await reread()
  }
  async function setPassword(id: string, password: string): Promise<void> {
    await ask(api.POST('/team/{id}/password', { ...at(id), body: { password } }))
  }
  async function removeFactor(id: string): Promise<void> {
    await ask(api.DELETE('/team/{id}/second-factor', at(id)))
  }
  async function remove(id: string): Promise<void> {
    await ask(api.DELETE('/team/{id}', at(id)))
    await reread()
  }
  /** The link that makes its holder a member. The token stands behind a #, which no browser sends anywhere. */
  async function invite(email: string, role: MemberRole): Promise<string> {
    const { token } = await ask<{ token: string }>(api.POST('/team/invitations', { body: { email, role } }))
    await reread()
    return `${window.location.origin}/join#${token}`
  }
  async function withdraw(id: string): Promise<void> {
    await ask(api.DELETE('/team/invitations/{id}', at(id)))
    await reread()
  }
  async function addDepartment(name: string): Promise<void> {
    await ask(api.POST('/departments', { body: { name } }))
    await rereadDepartments()
  }
  async function renameDepartment(id: string, name: string): Promise<void> {
    await ask(api.PATCH('/departments/{id}', { ...at(id), body: { name } }))
    await rereadDepartments()
  }
  async function removeDepartment(id: string): Promise<void> {
    await ask(api.DELETE('/departments/{id}', at(id)))
    await rereadDepartments()
  }
  return { change, setPassword, removeFactor, remove, invite, withdraw, addDepartment, renameDepartment, removeDepartment }
}
