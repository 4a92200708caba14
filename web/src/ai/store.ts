/** The AI step: whom it asks, what it knows, what it came to. */
import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { api, ask, askPage, form } from '@/api/client'
import { useMe } from '@/api/me'

export interface AiSettings {
  configured: boolean
  baseUrl: string
  hasKey: boolean
  model: string
  timeoutSeconds: number
  maxTokens: number
  jsonMode: boolean
  priceIn: number
  priceOut: number
  currency: string
  perChatDay: number
  perDay: number
}

export type AiChange = Omit<AiSettings, 'configured' | 'hasKey'> & { apiKey?: string }

export interface AiTest {
  ok: boolean
  error: string | null
  message: string
  milliseconds: number
}

export interface Knowledge {
  id: string
  name: string
  characters: number
  passages: number
}

export interface AiUsage {
  currency: string
  total: { calls: number; answers: number; suggestions: number; handOvers: number; tokensIn: number; tokensOut: number; cost: number }
}

const settingsKey = ['ai', 'settings']
const knowledgeKey = ['ai', 'knowledge']

export function useAiSettings() {
  const queries = useQueryClient()
  const query = useQuery({ queryKey: settingsKey, queryFn: () => ask<AiSettings>(api.GET('/ai/settings')), retry: false })
  /** Throws ApiError. */
  async function put(body: AiChange): Promise<void> {
    queries.setQueryData(settingsKey, await ask<AiSettings>(api.PUT('/ai/settings', { body })))
  }
  async function remove(): Promise<void> {
    queries.setQueryData(settingsKey, await ask<AiSettings>(api.DELETE('/ai/settings')))
  }
  return { query, put, remove, test: () => ask<AiTest>(api.POST('/ai/test')) }
}

/** Pages and files; none for whoever may not see automations. */
export function useKnowledge() {
  const queries = useQueryClient()
  const { may } = useMe()
  const query = useQuery({
    queryKey: knowledgeKey,
    queryFn: async () => {
      const found: Knowledge[] = []
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page: { items: Knowledge[]; cursor: string | null } = await askPage<Knowledge>(api.GET('/knowledge', { params: { query: { limit: 200, cursor } } }))
        found.push(...page.items)
        cursor = page.cursor
      }
      return found
    },
    enabled: may('automations:read'),
    retry: false,
  })
  const again = () => queries.invalidateQueries({ queryKey: knowledgeKey })
  const textOf = async (id: string) => (await ask<{ text: string }>(api.GET('/knowledge/{id}', { params: { path: { id } } }))).text
  /** Throws ApiError. */
  async function save(id: string | null, name: string, text: string): Promise<void> {
    if (id === null) await ask(api.POST('/knowledge', { body: { name, text, format: 'markdown' } }))
    else await ask(api.PATCH('/knowledge/{id}', { params: { path: { id } }, body: { name, text } }))
    await again()
  }
  async function upload(file: File): Promise<void> {
    await ask(api.POST('/knowledge/files', form(file)))
    await again()
  }
  async function remove(id: string): Promise<void> {
    await ask(api.DELETE('/knowledge/{id}', { params: { path: { id } } }))
    await again()
  }
  return { query, textOf, save, upload, remove }
}

export const useAiUsage = () => useQuery({ queryKey: ['ai', 'usage'], queryFn: () => ask<AiUsage>(api.GET('/ai/usage')), retry: false })
