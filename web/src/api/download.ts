/** Files that the server makes, kept by the browser: the session is sent along, which a plain link cannot do. */
import { ApiError } from './client'
import { authorize } from './session'

/** Download `path` of the API as `name`. Throws ApiError. */
export async function download(path: string, name: string): Promise<void> {
  const headers = new Headers()
  authorize(headers)
  let answer: Response
  try {
    answer = await fetch(`/api${path}`, { headers })
  } catch {
    throw new ApiError(0, 'OFFLINE', 'The server cannot be reached.')
  }
  if (!answer.ok) throw new ApiError(answer.status, `HTTP_${answer.status}`, answer.statusText)
  save(await answer.blob(), name)
}

/** Give a file that is here already to the browser. */
export function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => { URL.revokeObjectURL(link.href) }, 10_000)
}
