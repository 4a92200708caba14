/** What the things are called that automations name by their ids. */
import { useProfiles } from '@/profiles/store'
import { useTeam } from '@/team/store'
import type { Names } from './sentences'
import { useAutomationNames } from './store'

export function useNames(): Names {
  const { byId } = useProfiles()
  const { nameOf } = useTeam()
  const automations = useAutomationNames()
  return {
    channel: (id) => byId.value.get(id)?.name,
    member: (id) => nameOf(id),
    automation: (id) => automations.value.find((one) => one.value === id)?.label,
  }
}
