/** The survey after a chat is done. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '@/api/client'
import type { Survey } from '@/api/views'

export function useSurvey() {
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['survey'], queryFn: () => ask<Survey>(api.GET('/survey')), staleTime: 0 })
  /** Throws ApiError. */
  async function save(survey: Survey): Promise<void> {
    queries.setQueryData(['survey'], await ask<Survey>(api.PUT('/survey', { body: survey })))
  }
  return { query, save }
}
