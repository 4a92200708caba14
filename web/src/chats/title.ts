/** The window's title, with the number of unread chats in front. */
import { useTitle as useDocumentTitle } from '@vueuse/core'
import { computed } from 'vue'
import { text } from '@/i18n'
import { useChatCounts } from './counts'

export function useTitle(): void {
  const { unread } = useChatCounts()
  useDocumentTitle(computed(() => `${unread.value > 0 ? `(${unread.value}) ` : ''}${text('chats.title')} · ${text('shell.name')}`))
}
