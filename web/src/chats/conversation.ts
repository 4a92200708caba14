/** What the parts of one conversation share: the message being answered, and the template picker. */
import { inject, type InjectionKey, provide, type Ref, ref } from 'vue'
import type { Message } from '@/api/views'

export interface Conversation {
  replyTo: Ref<Message | null>
  templatesOpen: Ref<boolean>
  mode: Ref<'reply' | 'note'>
}

const KEY: InjectionKey<Conversation> = Symbol('conversation')

export function provideConversation(): Conversation {
  const conversation: Conversation = { replyTo: ref(null), templatesOpen: ref(false), mode: ref('reply') }
  provide(KEY, conversation)
  return conversation
}

export function useConversation(): Conversation {
  const conversation = inject(KEY)
  if (conversation === undefined) throw new Error('There is no conversation around this component.')
  return conversation
}
