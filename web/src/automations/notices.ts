/** What automations tell members, shown at once wherever they are. */
import { useToast } from '@nuxt/ui/composables'
import { useRouter } from 'vue-router'
import { chime, isLooking, notify, permission } from '@/account/notify'
import { addLiveModule } from '@/api/live'
import { useMe } from '@/api/me'
import type { AutomationNotice, LiveEvent } from '@/api/views'
import { text } from '@/i18n'

/** Older than this it was missed while the network was away: it is history, and not said any more. */
const FRESH_MS = 10 * 60_000

let hear: (notice: AutomationNotice) => void = () => undefined

/** The notices of a batch that are for a member, and not old. */
export function noticesFor(events: LiveEvent[], memberId: string | null | undefined, now: number): AutomationNotice[] {
  return events
    .filter((event) => now - Date.parse(event.timestamp) < FRESH_MS)
    .map((event) => event.data as unknown as AutomationNotice)
    .filter((one) => one.memberIds.length === 0 || (typeof memberId === 'string' && one.memberIds.includes(memberId)))
}

let member: () => string | null | undefined = () => null
addLiveModule({
  events: ['automation.notified'],
  take: (events) => { noticesFor(events, member(), Date.now()).forEach((one) => { hear(one) }) },
})

/** Show them while the page is open: over the page, and by the browser where the person looks at something else. */
export function useNotices(): void {
  const toast = useToast()
  const router = useRouter()
  const { me } = useMe()
  member = () => me.value?.memberId
  hear = (one) => {
    const open = () => { void router.push(one.chatId === null ? { name: 'automation', params: { automationId: one.id } } : { name: 'inbox', params: { chatId: one.chatId } }) }
    toast.add({
      title: one.text, description: text('automations.notice.by', { name: one.name, contact: one.contactName }), icon: 'i-lucide-bell-ring', duration: 60_000,
      actions: one.chatId === null ? [] : [{ label: text('automations.notice.open'), color: 'neutral', variant: 'outline', onClick: open }],
    })
    if (isLooking()) return
    if (notify.value.sound) chime()
    if (!notify.value.show || permission() !== 'granted') return
    const shown = new Notification(one.text, { body: one.contactName, tag: `automation-${one.id}-${one.contactId}`, icon: '/favicon.svg' })
    shown.onclick = () => {
      window.focus()
      open()
      shown.close()
    }
  }
}
