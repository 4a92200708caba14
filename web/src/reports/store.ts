/** Usage: what was sent and received, counted by day, channel, template, tag, campaign, category or state. */
import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, askPage } from '@/api/client'
import type { SurveyAnswer } from '@/api/views'
import { type By, type ResponseReport, spanStart, type SurveyReport, type TargetReport, type UsageReport } from './model'

export interface RequestRow {
  day: string
  api: string
  call: string
  count: number
}

/** Figures are counted anew so often while they are looked at. */
const REREAD_MS = 60_000

export function useUsage(by: Ref<By>, days: Ref<number>, channel: Ref<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['usage', by.value, days.value, channel.value ?? null]),
    queryFn: () => ask<UsageReport>(api.GET('/usage', { params: { query: { by: by.value, from: spanStart(days.value, new Date()), profileId: channel.value } as never } })),
    placeholderData: keepPreviousData,
    refetchInterval: REREAD_MS,
  })
}

export const RESPONSES_BY = ['agent', 'team', 'profile', 'day'] as const
export type ResponsesBy = (typeof RESPONSES_BY)[number]

/** How long people waited for an answer. Days are the workspace's own. */
export function useResponses(by: Ref<ResponsesBy>, days: Ref<number>, channel: Ref<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['response-times', by.value, days.value, channel.value ?? null]),
    queryFn: () => ask<ResponseReport>(api.GET('/usage/response-times', { params: { query: { by: by.value, from: spanStart(days.value, new Date()), profileId: channel.value } as never } })),
    placeholderData: keepPreviousData,
    refetchInterval: REREAD_MS,
  })
}

/** How targets for replies and resolutions were met. */
export function useTargetReport(by: Ref<ResponsesBy>, days: Ref<number>, channel: Ref<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['target-report', by.value, days.value, channel.value ?? null]),
    queryFn: () => ask<TargetReport>(api.GET('/usage/reply-targets', { params: { query: { by: by.value, from: spanStart(days.value, new Date()), profileId: channel.value } as never } })),
    placeholderData: keepPreviousData,
    refetchInterval: REREAD_MS,
  })
}

/** What people answered after a chat was done, and the latest comments. */
export function useSurveyReport(by: Ref<ResponsesBy>, days: Ref<number>, channel: Ref<string | undefined>) {
  const report = useQuery({
    queryKey: computed(() => ['survey-report', by.value, days.value, channel.value ?? null]),
    queryFn: () => ask<SurveyReport>(api.GET('/usage/survey', { params: { query: { by: by.value, from: spanStart(days.value, new Date()), profileId: channel.value } as never } })),
    placeholderData: keepPreviousData,
    refetchInterval: REREAD_MS,
  })
  const comments = useQuery({
    queryKey: computed(() => ['survey-comments', channel.value ?? null]),
    queryFn: async () => (await askPage<SurveyAnswer>(api.GET('/survey/answers', { params: { query: { commented: true, limit: 10, profileId: channel.value } as never } }))).items,
    refetchInterval: REREAD_MS,
  })
  return { report, comments }
}

/** Which programs called, and how often: only for whoever sees the whole workspace. */
export function useRequests(days: Ref<number>) {
  const query = useQuery({
    queryKey: computed(() => ['usage-requests', days.value]),
    queryFn: async () => (await ask<{ rows: RequestRow[] }>(api.GET('/usage/requests', { params: { query: { from: spanStart(days.value, new Date()) } } }))).rows,
    retry: false,
  })
  /** All days together, the most frequent first. */
  const calls = computed(() => {
    const found = new Map<string, { api: string; call: string; count: number }>()
    for (const row of query.data.value ?? []) {
      const key = `${row.api} ${row.call}`
      const known = found.get(key) ?? { api: row.api, call: row.call, count: 0 }
      found.set(key, { ...known, count: known.count + row.count })
    }
    return [...found.values()].sort((a, b) => b.count - a.count)
  })
  return { query, calls }
}
