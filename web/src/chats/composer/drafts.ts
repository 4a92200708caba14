/** What was typed and not sent, by chat; kept through a reload. */
import { useStorage } from '@vueuse/core'

export const drafts = useStorage<Record<string, string>>('jackfield.drafts', {})

export function keepDraft(chatId: string, text: string): void {
  const { [chatId]: before, ...rest } = drafts.value
  if (text === (before ?? '')) return
  drafts.value = text === '' ? rest : { ...rest, [chatId]: text }
}
