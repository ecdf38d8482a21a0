import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Change = Schemas['Change']
export type ChangedField = Schemas['ChangedField']

/** What narrows changes, with the API's own names: moments are a revision, a time or an age (`7d`). */
export interface ChangesAsked {
  since?: string
  until?: string
  ref?: string
  team?: string
}

/** The change log of one thing, newest first. */
export const changeLogQuery = (asked: ChangesAsked) =>
  infiniteQueryOptions({
    queryKey: ['changes', 'log', asked],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked, limit: pageParam ? 100 : 10, ...(pageParam && { cursor: pageParam }) }
      return answer(api.GET('/api/v1alpha/changes', { params: { query }, signal }))
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
    // A page of history stays what it is, and only the first one can grow.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 30_000 : false),
  })

/** More steps than this are not put together in a browser; whoever wants them has the API. */
export const most_steps = 5000

/** Every step between two moments, newest first; `cut` where there are more than are read. */
export const stepsQuery = (asked: ChangesAsked) =>
  queryOptions({
    queryKey: ['changes', 'steps', asked],
    queryFn: async ({ signal }) => {
      const steps: Change[] = []
      let cursor: string | undefined
      do {
        const query = { ...asked, limit: 500, ...(cursor && { cursor }) }
        const page = await answer(api.GET('/api/v1alpha/changes', { params: { query }, signal }))
        steps.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor && steps.length < most_steps)
      return { steps, cut: cursor !== undefined }
    },
    placeholderData: (before) => before,
    // It may be megabytes.
    refetchInterval: (query) => ((query.state.data?.steps.length ?? 0) <= 1000 ? 30_000 : false),
  })
