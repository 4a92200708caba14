/** Marks a chat as read while somebody looks at it, and remembers where reading had stopped. */
import { useDocumentVisibility } from '@vueuse/core'
import { computed, type Ref, ref, watch } from 'vue'
import { useMe } from '@/api/me'
import type { Chat, Message } from '@/api/views'
import { useChatActions } from './store'

export function useReading(chat: Ref<Chat>, messages: Ref<readonly Message[]>) {
  const visibility = useDocumentVisibility()
  const { markRead } = useChatActions()
  const { may } = useMe()
  const mayWrite = may('chats:write')
  const firstUnread = ref<string | null>(null)
  /** How many were unread when the chat was opened. */
  const unread = chat.value.unread

  // Once, when the messages are there: the line stays while the chat is open.
  const stop = watch(messages, (now) => {
    if (now.length === 0) return
    if (unread > 0) firstUnread.value = now.filter((one) => one.direction === 'in').at(-unread)?.id ?? null
    queueMicrotask(() => { stop() })
  }, { immediate: true })

  const shouldRead = computed(() => visibility.value === 'visible' && chat.value.unread > 0 && mayWrite.value)
  let busy = false
  watch(shouldRead, async (now) => {
    if (!now || busy) return
    busy = true
    try {
      // Another message may come in while the answer is on its way.
      while (shouldRead.value) await markRead(chat.value)
    } catch {
      // It stays unread on the server; the next message or the next visit tries again.
    } finally {
      busy = false
    }
  }, { immediate: true })

  return { firstUnread }
}
