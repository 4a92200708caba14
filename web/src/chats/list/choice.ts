/** Which chats of the list are chosen, to do something with all of them. */
import { computed, type Ref, ref } from 'vue'
import type { Chat } from '@/api/views'

export function useChoice(chats: Ref<Chat[]>) {
  const choosing = ref(false)
  const ids = ref(new Set<string>())

  /** Those that are still in the list. */
  const chosen = computed(() => chats.value.filter((one) => ids.value.has(one.id)))
  const isChosen = (id: string) => ids.value.has(id)

  function toggle(id: string): void {
    const next = new Set(ids.value)
    if (!next.delete(id)) next.add(id)
    ids.value = next
    choosing.value = true
  }
  const chooseAll = () => { ids.value = new Set(chats.value.map((one) => one.id)) }
  function clear(): void {
    ids.value = new Set()
    choosing.value = false
  }
  return { choosing, chosen, isChosen, toggle, chooseAll, clear }
}
