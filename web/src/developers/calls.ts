/** Calls of the APIs with a workspace's own values, as programs in four languages. Pure. */

export interface Facts {
  /** The server's own address. */
  base: string
  key: string
  profileId: string
  /** A number, digits only. */
  to: string
  template?: { name: string; language: string; header: string[]; body: string[] }
  email: string
}
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
export interface Call { id: CallId; method: string; url: string; headers: Record<string, string>; body?: Json }
export type CallId = 'text' | 'template' | 'list' | 'contact' | 'login' | 'received' | 'webhook'
export const DIALECTS = ['native', 'pabbly', 'chitchatlabs', 'chattu', 'chatly'] as const
export type Dialect = (typeof DIALECTS)[number]
export const LANGUAGES = ['curl', 'python', 'php', 'javascript'] as const
export type Language = (typeof LANGUAGES)[number]

const WORDS = 'Hello from the API'
const UNKNOWN = { name: 'TEMPLATE_NAME', language: 'en', header: [], body: ['VALUE'] }

/** The calls of a dialect. */
export function callsOf(dialect: Dialect, facts: Facts): Call[] {
  const { base, key, profileId, to } = facts
  const template = facts.template ?? UNKNOWN
  const post = (id: CallId, path: string, headers: Record<string, string>, body: Json): Call => ({ id, method: 'POST', url: base + path, headers, body })
  const get = (id: CallId, path: string, headers: Record<string, string>): Call => ({ id, method: 'GET', url: base + path, headers })
  switch (dialect) {
    case 'native': {
      const headers = { 'X-API-Key': key }
      const values: Record<string, Json> = { ...(template.header.length > 0 ? { header: template.header } : {}), ...(template.body.length > 0 ? { body: template.body } : {}) }
      return [
        post('text', '/api/messages/text', headers, { profileId, to, text: WORDS }),
        post('template', '/api/messages/template', headers, { profileId, to, name: template.name, language: template.language, ...values }),
        get('list', `/api/messages?profileId=${profileId}&limit=20`, headers),
        post('contact', '/api/contacts', headers, { name: 'Ada Lovelace', phone: to, tags: ['api'] }),
        post('webhook', '/api/webhooks', headers, { url: 'https://shop.example/hook', events: ['message.*'] }),
      ]
    }
    case 'pabbly': {
      const headers = { Authorization: `Bearer ${key}` }
      return [
        post('text', '/pabbly/api/v1/messages', headers, { to, type: 'text', message: WORDS }),
        post('template', '/pabbly/api/v1/messages', headers, { to, type: 'template', templateName: template.name, ...(template.header.length > 0 ? { headerParams: template.header } : {}), bodyParams: template.body }),
        get('list', '/pabbly/api/v1/messages?limit=20', headers),
        post('contact', '/pabbly/api/v1/contacts', headers, { name: 'Ada Lovelace', mobile: to }),
      ]
    }
    case 'chitchatlabs':
      return [post('template', '/chitchatlabs/chat-service/apis/message/single', { 'x-tenant-api-key': key }, { to: { mobile: to, name: 'Ada' }, fb_template: template.name, language: template.language, params: template.body })]
    case 'chattu': {
      const headers = { 'x-api-key': key }
      return [
        post('text', '/chattu/api/send-message', headers, { clientId: profileId, number: to, message: WORDS }),
        get('list', '/chattu/api/sent-messages', headers),
        get('received', `/chattu/api/received-messages/${profileId}`, headers),
        post('webhook', '/chattu/api/update-webhook', headers, { clientId: profileId, webhookUrl: 'https://shop.example/hook' }),
      ]
    }
    case 'chatly': {
      const headers = { apikey: key, Authorization: 'Bearer TOKEN_OF_THE_LOGIN' }
      return [
        post('login', '/chatly/auth/api/login', { apikey: key }, { email: facts.email, password: 'YOUR_PASSWORD' }),
        post('contact', '/chatly/auth/api/whatsapp-contact-store', headers, { name: 'Ada Lovelace', phone: to, country_id: 101 }),
        post('text', '/chatly/auth/api/send-message', headers, { receiver_id: 1, message: WORDS }),
      ]
    }
  }
}

// -- as programs -----------------------------------------------------------------------------------------

const shell = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`
const single = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
/** JSON's texts are Python's and JavaScript's too. */
const double = (value: string) => JSON.stringify(value)

interface Style { text: (value: string) => string; key: (name: string) => string; list: [string, string]; object: [string, string]; words: [string, string, string] }

function literal(value: Json, style: Style, pad: string): string {
  if (typeof value === 'string') return style.text(value)
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return style.words[value ? 0 : 1]
  if (value === null) return style.words[2]
  if (Array.isArray(value)) return style.list[0] + value.map((one) => literal(one, style, pad)).join(', ') + style.list[1]
  const inner = `${pad}    `
  const lines = Object.entries(value).map(([name, one]) => `${inner}${style.key(name)}${literal(one, style, inner)},`)
  return `${style.object[0]}\n${lines.join('\n')}\n${pad}${style.object[1]}`
}

const PYTHON: Style = { text: double, key: (name) => `${double(name)}: `, list: ['[', ']'], object: ['{', '}'], words: ['True', 'False', 'None'] }
const PHP: Style = { text: single, key: (name) => `${single(name)} => `, list: ['[', ']'], object: ['[', ']'], words: ['true', 'false', 'null'] }
const SCRIPT: Style = { text: single, key: (name) => (/^[A-Za-z_]\w*$/.test(name) ? `${name}: ` : `${single(name)}: `), list: ['[', ']'], object: ['{', '}'], words: ['true', 'false', 'null'] }

/** A call as a program that can be pasted and run. */
export function render(call: Call, language: Language): string {
  const { method, url, body } = call
  const headers = { ...call.headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }
  const pairs = Object.entries(headers)
  switch (language) {
    case 'curl':
      return [
        `curl${method === 'GET' ? '' : ` -X ${method}`} ${shell(url)}`,
        ...pairs.map(([name, value]) => `  -H ${shell(`${name}: ${value}`)}`),
        ...(body === undefined ? [] : [`  -d ${shell(JSON.stringify(body))}`]),
      ].join(' \\\n')
    case 'python':
      return [
        'import requests', '',
        `answer = requests.${method.toLowerCase()}(`,
        `    ${double(url)},`,
        `    headers=${literal(call.headers, PYTHON, '    ')},`,
        ...(body === undefined ? [] : [`    json=${literal(body, PYTHON, '    ')},`]),
        '    timeout=30,', ')', 'answer.raise_for_status()', 'print(answer.json())', '',
      ].join('\n')
    case 'php':
      return [
        '<?php', `$curl = curl_init(${single(url)});`, 'curl_setopt_array($curl, [',
        ...(method === 'GET' ? [] : [`    CURLOPT_CUSTOMREQUEST => ${single(method)},`]),
        '    CURLOPT_RETURNTRANSFER => true,',
        `    CURLOPT_HTTPHEADER => [${pairs.map(([name, value]) => single(`${name}: ${value}`)).join(', ')}],`,
        ...(body === undefined ? [] : [`    CURLOPT_POSTFIELDS => json_encode(${literal(body, PHP, '    ')}),`]),
        ']);', 'echo curl_exec($curl);', '',
      ].join('\n')
    case 'javascript':
      return [
        `const answer = await fetch(${single(url)}, {`,
        ...(method === 'GET' ? [] : [`    method: ${single(method)},`]),
        `    headers: ${literal(headers, SCRIPT, '    ')},`,
        ...(body === undefined ? [] : [`    body: JSON.stringify(${literal(body, SCRIPT, '    ')}),`]),
        '})', 'console.log(await answer.json())', '',
      ].join('\n')
  }
}
