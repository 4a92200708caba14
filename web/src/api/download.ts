/** Files that the server makes, kept by the browser; a refusal is said on the page instead of shown in its place. */
import { ApiError } from './client'

/** Download `path` of the API as `name`. Throws ApiError. */
export async function download(path: string, name: string): Promise<void> {
  let answer: Response
  try {
    answer = await fetch(`/api${path}`)
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
