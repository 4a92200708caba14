/** Where somebody reads in a chat: at its newest messages, which live events keep, or around a message far back. */
import { computed, nextTick, ref, type Ref, watch } from 'vue'
import type { Chat } from '@/api/views'
import { useMessagesAround } from '@/messages/around'
import { useMessages } from '@/messages/store'

export function usePlace(chat: Ref<Chat>, wanted: Ref<string | null>, show: (message: string) => void) {
  const { query: newest, messages: recent } = useMessages(chat)
  /** The message that is read around; null at the newest ones. */
  const around = ref<string | null>(null)
  const { query: part, messages: then } = useMessagesAround(chat, around)
  const isFar = computed(() => around.value !== null)
  const messages = computed(() => (isFar.value ? then.value : recent.value))
  const query = computed(() => (isFar.value ? part : newest))

  /** Go to a message, wherever in the chat it is. */
  async function goTo(message: string): Promise<void> {
    if (!messages.value.some((one) => one.id === message)) {
      around.value = message
      await part.suspense()
    }
    await nextTick()
    show(message)
  }
  function toNewest(): void {
    around.value = null
  }

  // Once the newest ones are there: what is among them needs no other place.
  watch([wanted, () => newest.isPending.value], ([message, pending]) => {
    if (message !== null && !pending) void goTo(message)
  }, { immediate: true })

  return {
    recent, messages, isFar, toNewest,
    error: computed(() => (query.value.isError.value ? query.value.error.value : null)),
    isPending: computed(() => query.value.isPending.value),
    isFetchingOlder: computed(() => query.value.isFetchingNextPage.value),
    hasOlder: computed(() => query.value.hasNextPage.value),
    hasNewer: computed(() => isFar.value && part.hasPreviousPage.value),
    refetch: () => query.value.refetch(),
    /** Load what was said before; gives whether it came. A call that is on its way is waited for, not cut off. */
    readOlder: async (): Promise<boolean> => {
      if (!query.value.hasNextPage.value) return false
      const done = await query.value.fetchNextPage({ cancelRefetch: false })
      return !done.isError
    },
    /** Load what was said afterwards; gives whether it came. */
    readNewer: async (): Promise<boolean> => {
      if (!isFar.value || !part.hasPreviousPage.value) return false
      const done = await part.fetchPreviousPage({ cancelRefetch: false })
      // Who has read on to the newest ones stays with them, where live events come in.
      if (!part.hasPreviousPage.value) toNewest()
      return !done.isError
    },
  }
}
