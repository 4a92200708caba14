/** What the things are called that automations name by their ids. */
import { useMe } from '@/api/me'
import { useProfiles } from '@/profiles/store'
import { useDepartments } from '@/team/members'
import { useTeam } from '@/team/store'
import type { Names } from './sentences'
import { useAutomationNames } from './store'

export function useNames(): Names {
  const { byId } = useProfiles()
  const { nameOf } = useTeam()
  const automations = useAutomationNames()
  const { may } = useMe()
  const maySee = may('tickets:read')
  const departments = useDepartments(() => maySee.value)
  return {
    channel: (id) => byId.value.get(id)?.name,
    member: (id) => nameOf(id),
    automation: (id) => automations.value.find((one) => one.value === id)?.label,
    department: (id) => departments.data.value?.find((one) => one.id === id)?.name,
  }
}
