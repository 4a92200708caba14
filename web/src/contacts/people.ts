/** Contacts in lists: found by filters, changed many at once. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import { download } from '@/api/download'
import { addLiveModule } from '@/api/live'
import { flatten, type Pages } from '@/api/queries'
import type { Contact, Message } from '@/api/views'
import { asQuery, type ContactFilters, type Target } from './model'
import { contactKey } from './store'

const PAGE = 100
/** The parameters that the export takes, too. */
const EXPORTED = new Set(['tag', 'list', 'optin', 'blocked'])

export const contactsKey = ['contacts'] as const

export function useContacts(filters: Ref<ContactFilters>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...contactsKey, filters.value]),
    queryFn: ({ pageParam, signal }) => askPage<Contact>(api.GET('/contacts', {
      params: { query: { ...asQuery(filters.value), limit: PAGE, ...(pageParam === null ? { total: true } : { cursor: pageParam }) } as never },
      signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const contacts = computed(() => flatten(query.data.value as Pages<Contact> | undefined))
  const total = computed(() => query.data.value?.pages[0]?.total)
  return { query, contacts, total }
}

export interface ContactFields {
  name?: string
  phone?: string
  email?: string
  attributes?: Record<string, string>
  optin?: boolean | null
  blocked?: boolean
  addLists?: string[]
  removeLists?: string[]
}

/** What can be done with contacts. Each throws ApiError. */
export function useContactActions() {
  const queries = useQueryClient()
  const again = () => Promise.all([queries.invalidateQueries({ queryKey: contactsKey }), queries.invalidateQueries({ queryKey: ['labels'] })])
  const put = (contact: Contact) => {
    queries.setQueryData(contactKey(contact.id), contact)
    void again()
    return contact
  }
  return {
    again,
    create: async (fields: ContactFields) => put(await ask<Contact>(api.POST('/contacts', { body: fields as never }))),
    change: async (id: string, fields: ContactFields) => put(await ask<Contact>(api.PATCH('/contacts/{id}', { params: { path: { id } }, body: fields as never }))),
    /** Put tags on all of the target, or take them off; how many were reached. */
    tag: async (target: Target, tags: string[], add: boolean) => {
      const body = { filter: target.filter ?? { ids: target.ids }, ...(add ? { add: tags } : { remove: tags }) }
      const done = await ask<{ contacts: number }>(api.POST('/contacts/tags', { body: body as never }))
      await again()
      return done.contacts
    },
    enlist: async (target: Target, listId: string, add: boolean) => {
      const init = { params: { path: { id: listId } }, body: (target.filter === undefined ? { contactIds: target.ids } : { filter: target.filter }) as never }
      await (add ? ask(api.POST('/lists/{id}/contacts', init)) : ask(api.DELETE('/lists/{id}/contacts', init)))
      await again()
    },
    /** Delete them one by one, telling how many are gone. */
    remove: async (ids: string[], told: (done: number) => void) => {
      for (const [index, id] of ids.entries()) {
        await ask(api.DELETE('/contacts/{id}', { params: { path: { id } } }))
        queries.removeQueries({ queryKey: contactKey(id) })
        told(index + 1)
      }
      await again()
    },
    exportAll: (filters: ContactFilters) => {
      const query = new URLSearchParams(Object.entries(asQuery(filters)).flatMap(([key, value]) => (EXPORTED.has(key) ? [[key, String(value)]] : [])))
      return download(`/contacts/export?${query.toString()}`, 'contacts.csv')
    },
  }
}

export interface Merge {
  id: string
  mergedId: string | null
  data: Record<string, unknown>
  reason: string
  createdAt: string
}

/** What there is of one person besides themselves. */
export function useContactStory(id: Ref<string>, phone: Ref<string | null>) {
  const history = useQuery({
    queryKey: computed(() => [...contactKey(id.value), 'history']),
    queryFn: () => ask<Merge[]>(api.GET('/contacts/{id}/history', { params: { path: { id: id.value } } })),
    retry: false,
  })
  const messages = useQuery({
    queryKey: computed(() => [...contactKey(id.value), 'messages', phone.value]),
    queryFn: async () => (await askPage<Message>(api.GET('/messages', { params: { query: { to: phone.value ?? '', limit: 50 } } }))).items,
    enabled: () => phone.value !== null,
    retry: false,
  })
  return { history, messages }
}

addLiveModule({
  events: ['contact.*'],
  take: (_events, queries) => { void queries.invalidateQueries({ queryKey: contactsKey }) },
})
