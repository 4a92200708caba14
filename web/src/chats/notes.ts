/** Notes of the team inside a chat, never sent, and what rules did with it. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { addLiveModule } from '@/api/live'
import type { ChatAssignment, Note } from '@/api/views'

addLiveModule({
  events: ['chat.noted'],
  take: (events, queries) => {
    for (const event of events) void queries.invalidateQueries({ queryKey: notesKey(String(event.data.chatId)) })
  },
})

addLiveModule({
  events: ['chat.assigned'],
  take: (events, queries) => {
    for (const event of events) void queries.invalidateQueries({ queryKey: assignmentsKey(String(event.data.chatId)) })
  },
})

const assignmentsKey = (chatId: string) => ['chat-assignments', chatId] as const
export const notesKey = (chatId: string) => ['chat-notes', chatId] as const

export function useNotes(chatId: Ref<string>) {
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: computed(() => notesKey(chatId.value)),
    queryFn: async () =>
      (await askPage<Note>(api.GET('/chats/{id}/notes', { params: { path: { id: chatId.value }, query: { limit: 100 } } }))).items,
    enabled: () => chatId.value !== '',
  })
  const given = useQuery({
    queryKey: computed(() => assignmentsKey(chatId.value)),
    queryFn: async () =>
      (await askPage<ChatAssignment>(api.GET('/chats/{id}/assignments', { params: { path: { id: chatId.value }, query: { limit: 100 } } }))).items,
    enabled: () => chatId.value !== '',
  })
  const assignments = computed<Note[]>(() => (given.data.value ?? []).map((one) => ({ id: `rule-${one.id}`, memberId: one.memberId, text: '', createdAt: one.createdAt, ruleName: one.ruleName })))
  const notes = computed(() => [...(query.data.value ?? []), ...assignments.value])

  /** Keep a note. Throws ApiError. */
  async function add(text: string): Promise<void> {
    const id = chatId.value
    const note = await ask<Note>(api.POST('/chats/{id}/notes', { params: { path: { id } }, body: { text } }))
    queries.setQueryData<Note[]>(notesKey(id), (before) => [note, ...(before ?? [])])
  }

  return { notes, add }
}
