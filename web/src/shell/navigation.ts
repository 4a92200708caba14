/** Which pages this person has, in this workspace. */
import { computed } from 'vue'
import { allows, useMe } from '@/api/me'
import { useProfiles } from '@/profiles/store'
import { PAGES } from './pages'

export function useNavigation() {
  const { me } = useMe()
  const { simulators } = useProfiles()
  const pages = computed(() =>
    PAGES.filter(
      (page) =>
        (page.scope === undefined || (me.value !== undefined && allows(me.value.scopes, page.scope))) &&
        (page.simulator !== true || simulators.value.length > 0),
    ),
  )
  return { pages }
}
