/** The import of a file: looked at, then done. It goes on when the page is left, and tells when it is over. */
import { shallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { queryClient } from '@/api/queries'
import type { FilePreview, ImportReport } from './model'

export interface ImportOptions {
  country: string
  mapping?: string
  list?: string
  tags?: string
  duplicates?: 'merge' | 'skip'
}

function multipart(file: File, options: ImportOptions): { body: never; bodySerializer: () => FormData } {
  const data = new FormData()
  data.set('file', file)
  if (options.country.trim() !== '') data.set('defaultCountry', options.country.trim().toUpperCase())
  if (options.mapping !== undefined) data.set('mapping', options.mapping)
  if (options.list?.trim()) data.set('list', options.list.trim())
  if (options.tags?.trim()) data.set('tags', options.tags.trim())
  if (options.duplicates !== undefined) data.set('onDuplicate', options.duplicates)
  return { body: {} as never, bodySerializer: () => data }
}

/** What an import would do. Throws ApiError. */
export function lookAt(file: File, options: ImportOptions): Promise<FilePreview> {
  return ask<FilePreview>(api.POST('/contacts/import/preview' as '/contacts/import', multipart(file, options)))
}

/** The import that runs, or the last one; it outlives its page. */
export const running = shallowRef<{ file: string; report: ImportReport | null; error: unknown } | null>(null)

/** Import. Failures stand in `running`. */
export async function runImport(file: File, options: ImportOptions): Promise<void> {
  running.value = { file: file.name, report: null, error: null }
  try {
    const report = await ask<ImportReport>(api.POST('/contacts/import', multipart(file, options)))
    running.value = { file: file.name, report, error: null }
  } catch (error) {
    running.value = { file: file.name, report: null, error }
  }
  void queryClient.invalidateQueries({ queryKey: ['contacts'] })
  void queryClient.invalidateQueries({ queryKey: ['labels'] })
}
