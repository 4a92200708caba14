/** What is done with a chat, with its undo, and said when it failed. */
import { useToast } from '@nuxt/ui/composables'
import { type Ref } from 'vue'
import { ApiError } from '@/api/client'
import { useMe } from '@/api/me'
import type { Chat } from '@/api/views'
import { exact } from '@/format/time'
import { text } from '@/i18n'
import { useDepartmentNames } from '@/team/members'
import { useTeam } from '@/team/store'
import { type ChatChange, undoOf } from './model'
import { useChatActions } from './store'

const FOR_GOOD = '9999-12-30T00:00:00.000Z'

export function useChatActs(chat: Ref<Chat | undefined>) {
  const toast = useToast()
  const { change } = useChatActions()
  const { me } = useMe()
  const { nameOf } = useTeam()
  const { departmentOf } = useDepartmentNames()

  async function act(changes: ChatChange, said?: string): Promise<void> {
    const before = chat.value
    if (before === undefined) return
    const undo = undoOf(before, changes)
    try {
      const now = await change(before, changes)
      if (said !== undefined) {
        toast.add({ title: said, actions: [{ label: text('ui.undo'), color: 'neutral', variant: 'outline', onClick: () => { void change(now, undo) } }] })
      }
    } catch (error) {
      const reason = error instanceof ApiError ? error.message : String(error)
      toast.add({ title: text('chats.done.failed', { reason }), color: 'error', icon: 'i-lucide-circle-alert' })
    }
  }

  const archive = () => act({ archived: !chat.value?.archived }, text(chat.value?.archived ? 'chats.done.unarchived' : 'chats.done.archived', { name: chat.value?.name ?? '' }))
  const pin = () => act({ pinned: !chat.value?.pinned })
  const mute = () => act({ mutedUntil: chat.value?.mutedUntil ? null : FOR_GOOD })
  const assign = (memberId: string | null) =>
    act({ assigneeId: memberId }, memberId === null ? text('chats.done.unassigned') : text('chats.done.assigned', { name: nameOf(memberId) ?? text('ui.you') }))
  /** Give it to a team, as nobody's in person; null takes it from its team. */
  const assignTeam = (id: string | null) => (id === null
    ? act({ departmentId: null }, text('chats.done.teamless'))
    : act({ departmentId: id, assigneeId: null }, text('chats.done.toTeam', { name: departmentOf(id) ?? '' })))
  const assignMe = () => (me.value?.memberId ? assign(me.value.memberId) : Promise.resolve())
  const done = () => (chat.value?.status === 'done'
    ? act({ status: 'open', snoozedUntil: null }, text('chats.done.reopened', { name: chat.value.name }))
    : act({ status: 'done', snoozedUntil: null }, text('chats.done.closed', { name: chat.value?.name ?? '' })))
  /** Put it aside until a time (ISO 8601); null brings it back at once. */
  const snooze = (until: string | null) =>
    act({ status: 'open', snoozedUntil: until }, until === null ? text('chats.done.woken', { name: chat.value?.name ?? '' }) : text('chats.done.snoozed', { time: exact(until) }))
  return { archive, pin, mute, assign, assignMe, assignTeam, done, snooze }
}
