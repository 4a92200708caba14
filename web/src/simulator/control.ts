/** The simulator's controls: what the customer does on their phone. */
import { ApiError } from '@/api/client'

interface Answer {
  success: boolean
  data?: unknown
  error?: { code: string; message: string }
}

/** One control of a simulator channel. Throws ApiError. */
export async function control<T>(profileId: string, action: string, body: Record<string, unknown> = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/simulator/${encodeURIComponent(profileId)}/${action}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    })
  } catch {
    throw new ApiError(0, 'OFFLINE', 'The server cannot be reached.')
  }
  const answer = (await response.json()) as Answer
  if (!answer.success) throw new ApiError(response.status, answer.error?.code ?? 'ERROR', answer.error?.message ?? response.statusText)
  return answer.data as T
}

export interface Person {
  number: string
  name: string
}

/** A person whom nobody knows yet: a number of Indonesia's that is not in use. */
export function newcomer(): Person {
  return { number: `62899${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`, name: 'Alex' }
}
