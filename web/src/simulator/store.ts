/** Who plays the customer on which channel, and their chat. */
import { useQuery } from '@tanstack/vue-query'
import { useStorage } from '@vueuse/core'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import type { Chat, MessageEvent } from '@/api/views'
import { newcomer, type Person } from './control'

export const person = useStorage<Person>('jackfield.phone', newcomer())

export interface SimulatorAccount {
  paired: boolean
  phone: string
  name: string
  typingTo: string | null
}

/** The chat of the person on the phone; undefined until they have written or were written to. */
export function usePersonsChat(profileId: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => ['phone-chat', profileId.value, person.value.number]),
    queryFn: async () => {
      const search = { profileId: profileId.value, search: person.value.number, archived: 'all', limit: 10 }
      const { items } = await askPage<Chat>(api.GET('/chats', { params: { query: search } }))
      const found = items.find((one) => one.chatId.split('@')[0] === person.value.number)
      return found ?? null
    },
    enabled: () => profileId.value !== '',
  })
  return { chat: computed(() => query.data.value ?? undefined), query }
}

/** People who have a chat on this channel already. */
export function usePeople(profileId: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => ['phone-people', profileId.value]),
    queryFn: async () => {
      const { items } = await askPage<Chat>(api.GET('/chats', { params: { query: { profileId: profileId.value, kind: 'private', limit: 30 } } }))
      return items.map((one): Person => ({ number: one.chatId.split('@')[0] ?? '', name: one.name }))
    },
    enabled: () => profileId.value !== '',
  })
  return computed(() => query.data.value ?? [])
}

/** The code that a channel shows to be paired. */
export function useLoginCode(profileId: Ref<string>) {
  const query = useQuery({
    queryKey: computed(() => ['profile', profileId.value, 'status']),
    queryFn: () => ask<{ login: { code?: string | null } | null }>(api.GET('/profiles/{id}/status', { params: { path: { id: profileId.value } } })),
  })
  return computed(() => query.data.value?.login?.code ?? null)
}

addLiveModule({
  events: ['message.*'],
  take: (events, queries) => {
    for (const event of events) {
      const { chatId } = event.data as unknown as MessageEvent
      const key = ['phone-chat', event.profileId ?? '', chatId.split('@')[0] ?? '']
      if (queries.getQueryState(key) !== undefined && queries.getQueryData(key) === null) void queries.invalidateQueries({ queryKey: key })
    }
  },
})
