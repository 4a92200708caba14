/** Something that is done at the press of a button: busy meanwhile, said when done, and said when refused. */
import { useToast } from '@nuxt/ui/composables'
import { ref } from 'vue'
import { ApiError } from '@/api/client'
import { isolate } from '@/format/direction'
import { text } from '@/i18n'

/** What went wrong, in the server's words. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiError && error.isOffline) return text('ui.offline')
  return isolate(error instanceof Error ? error.message : String(error))
}

export function useAct() {
  const toast = useToast()
  const busy = ref(false)

  /** Do it once at a time; whether it was done. `said` is shown after it. */
  async function act(run: () => Promise<unknown>, said?: string): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await run()
      if (said !== undefined) toast.add({ title: said, color: 'success', icon: 'i-lucide-circle-check' })
      return true
    } catch (error) {
      toast.add({ title: text('ui.refused', { reason: reasonOf(error) }), color: 'error', icon: 'i-lucide-circle-alert' })
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, act }
}
