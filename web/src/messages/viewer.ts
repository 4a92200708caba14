/** Which photo is shown large; null when none is. */
import { ref } from 'vue'

export const viewed = ref<string | null>(null)

export function openViewer(messageId: string): void {
  viewed.value = messageId
}
