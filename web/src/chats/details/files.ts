/** The files of a chat as the server has them, page by page. */
import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, askPage } from '@/api/client'
import { flatten, type Pages } from '@/api/queries'
import type { Message } from '@/api/views'
import { mediaId } from '@/messages/media'

const PAGE = 18

export function useChatFiles(id: Ref<string>) {
  const query = useInfiniteQuery({
    queryKey: computed(() => ['chat-files', id.value]),
    queryFn: ({ pageParam, signal }) => askPage<Message>(api.GET('/chats/{id}/files', {
      params: { path: { id: id.value }, query: { limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal,
    })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor ?? undefined,
    enabled: () => id.value !== '',
    retry: false,
  })
  const stored = computed(() => flatten(query.data.value as Pages<Message> | undefined).filter((one) => mediaId(one.content) !== null && one.deletedAt === null))
  return { query, stored }
}
