/** A short use of every dialect by openapi-fetch, typed by what openapi-typescript makes of the documents.
 *
 *  The compiler checks it against the types, node runs it as it stands: `node scenario.ts <url> <key> <email> <password>`.
 */
import createClient from 'openapi-fetch'

import type { paths as Chatly } from './chatly.ts'
import type { paths as Chattu } from './chattu.ts'
import type { paths as ChitChatLabs } from './chitchatlabs.ts'
import type { paths as Native } from './native.ts'
import type { paths as Pabbly } from './pabbly.ts'

const [url, key, email, password] = process.argv.slice(2) as [string, string, string, string]
const NUMBER = '6281234500001'

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

/** A body as multipart. */
function form(body: object): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(body)) made.set(name, String(value))
  return made
}

async function native(): Promise<string> {
  const api = createClient<Native>({ baseUrl: `${url}/api`, headers: { 'X-API-Key': key } })
  const made = await api.POST('/contacts', { body: { name: 'Typed', phone: NUMBER } })
  check(made.data !== undefined, 'native: no contact')
  const sent = await api.POST('/messages/text', { params: { query: { wait: 10 } }, body: { to: NUMBER, text: 'Hello' } })
  check(sent.data !== undefined, 'native: not sent')
  const found = await api.GET('/messages/{id}', { params: { path: { id: sent.data.data.id } } })
  check(found.data?.data.text === 'Hello', 'native: another message')
  const refused = await api.GET('/messages/{id}', { params: { path: { id: 'none' } } })
  check(refused.error?.error.code === 'MESSAGE_NOT_FOUND', 'native: not refused')
  return made.data.data.id
}

async function chatly(contact: string): Promise<void> {
  const open = createClient<Chatly>({ baseUrl: `${url}/chatly`, headers: { apikey: key } })
  const login = await open.POST('/auth/api/login', { body: { email, password } })
  check(login.data?.data.token_type === 'Bearer', 'chatly: not logged in')
  const headers = { apikey: key, Authorization: `Bearer ${login.data.data.token}` }
  const api = createClient<Chatly>({ baseUrl: `${url}/chatly`, headers })
  const sent = await api.POST('/auth/api/send-message', {
    body: { receiver_id: Number(contact), message: 'Hi' },
    bodySerializer: form,
  })
  check(sent.data?.data.message === 'Hi', 'chatly: not sent')
  const rooms = await api.GET('/auth/api/chat-rooms', { params: { query: { per_page: 5 } } })
  check((rooms.data?.data.chat_rooms.length ?? 0) > 0, 'chatly: no chat rooms')
  const refused = await api.POST('/auth/api/tags', { body: { name: '' } })
  check(refused.error?.data.name?.length === 1, 'chatly: not refused')
}

async function chattu(): Promise<void> {
  const api = createClient<Chattu>({ baseUrl: `${url}/chattu`, headers: { 'x-api-key': key } })
  const clients = await api.GET('/api/clients')
  const client = clients.data?.[0]
  check(client !== undefined, 'chattu: no client')
  const body = { clientId: client.clientId, number: NUMBER, message: 'Shalom' }
  const sent = await api.POST('/api/send-message', { body })
  check(sent.data?.clientId === client.clientId, 'chattu: not sent')
  const listed = await api.GET('/api/sent-messages')
  check(listed.data?.some((one) => one.message === 'Shalom') === true, 'chattu: not listed')
  const refused = await api.POST('/api/send-message', { body: { ...body, clientId: 'nobody' } })
  check(refused.error?.code === 'CLIENT_NOT_FOUND', 'chattu: not refused')
}

async function pabbly(): Promise<void> {
  const api = createClient<Pabbly>({ baseUrl: `${url}/pabbly`, headers: { Authorization: `Bearer ${key}` } })
  const sent = await api.POST('/api/v1/messages', { body: { to: NUMBER, type: 'text', message: 'Namaste' } })
  check(sent.data?.data.metaResponse.messaging_product === 'whatsapp', 'pabbly: not sent')
  const listed = await api.GET('/api/v1/messages', { params: { query: { to: NUMBER } } })
  check(listed.data?.data.messages.some((one) => one.message === 'Namaste') === true, 'pabbly: not listed')
  const refused = await api.GET('/api/v1/contacts/{id}', { params: { path: { id: 'none' } } })
  check(refused.error?.success === false, 'pabbly: not refused')
}

async function chitchatlabs(): Promise<void> {
  const headers = { 'x-tenant-api-key': key }
  const api = createClient<ChitChatLabs>({ baseUrl: `${url}/chitchatlabs`, headers })
  const body = {
    to: { mobile: NUMBER, name: 'Typed' },
    fb_template: 'summer_time',
    language: 'en',
    params: ['Hi', 'Sunday', '20%'],
  }
  const sent = await api.POST('/chat-service/apis/message/single', { body })
  check(sent.data !== undefined, 'chitchatlabs: not sent')
  const path = { id: sent.data.data.id }
  const found = await api.GET('/chat-service/apis/message/single/{id}', { params: { path } })
  check(found.data?.data.fb_template === 'summer_time', 'chitchatlabs: another message')
  const refused = await api.POST('/chat-service/apis/message/single', { body: { ...body, fb_template: 'none' } })
  check(refused.error?.error.code === 'TEMPLATE_NOT_FOUND', 'chitchatlabs: not refused')
}

await chatly(await native())
await chattu()
await pabbly()
await chitchatlabs()
console.log('done')
