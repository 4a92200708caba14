/** Calls of the native API, typed by its own OpenAPI document. */
import createClient, { type Middleware } from 'openapi-fetch'
import { isolate } from '../format/direction'
import type { paths } from './schema'
import { end, signedIn } from './session'
import type { Page } from './views'

const expiry: Middleware = {
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && signedIn.value && !schemaPath.startsWith('/auth/login')) end('expired')
  },
}

export const api = createClient<paths>({ baseUrl: '/api' })
api.use(expiry)

/** A call that failed, with the server's own words. `status` 0: the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message)
    this.name = 'ApiError'
  }

  get isOffline(): boolean {
    return this.status === 0
  }

  get isForbidden(): boolean {
    return this.status === 403
  }

  /** What is wrong with one field of a form, in the server's words. */
  field(name: string): string | undefined {
    const found = this.details[name]
    return Array.isArray(found) && typeof found[0] === 'string' ? isolate(found[0]) : undefined
  }
}

interface Answer {
  data?: unknown
  error?: unknown
  response: Response
}

interface Envelope {
  data?: unknown
  error?: { code?: string; message?: string; details?: Record<string, unknown> }
  meta?: { cursor?: string | null; hasMore?: boolean; total?: number }
}

async function settle(call: Promise<Answer>): Promise<Envelope> {
  let answer: Answer
  try {
    answer = await call
  } catch (error) {
    // An abort is nobody's failure; everything else that throws means the server was not reached.
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'OFFLINE', 'The server cannot be reached.')
  }
  if (answer.response.ok) return (answer.data ?? {}) as Envelope
  const failure = ((answer.error ?? {}) as Envelope).error ?? {}
  throw new ApiError(
    answer.response.status,
    failure.code ?? `HTTP_${answer.response.status}`,
    failure.message ?? answer.response.statusText,
    failure.details ?? {},
  )
}

/** The `data` of an answer. Throws ApiError. */
export async function ask<T>(call: Promise<Answer>): Promise<T> {
  return (await settle(call)).data as T
}

/** A page of a list. Throws ApiError. */
export async function askPage<T>(call: Promise<Answer>): Promise<Page<T>> {
  const { data, meta } = await settle(call)
  return { items: (data ?? []) as T[], cursor: meta?.cursor ?? null, total: meta?.total }
}

/** A multipart upload, which openapi-fetch would turn into JSON. */
export function form(file: File): { body: never; bodySerializer: () => FormData } {
  const data = new FormData()
  data.set('file', file)
  return { body: {} as never, bodySerializer: () => data }
}
