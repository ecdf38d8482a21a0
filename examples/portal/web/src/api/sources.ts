import { queryOptions, useMutation } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { queryClient } from './query'

export type SourceScope = Schemas['SourceScope']
export type SourceKind = Schemas['SourceKind']
export type Coverage = Schemas['Coverage']
export type Hold = Schemas['Hold']

/** More scopes than this are not shown at once. */
const most_scopes = 5000

/** Every scope of every source: what is missing has to be found among all of them. */
export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: async ({ signal }) => {
    const scopes: SourceScope[] = []
    let cursor: string | undefined
    let total = 0
    do {
      const query = { limit: 500, ...(cursor && { cursor }) }
      const page = await answer(api.GET('/api/v1alpha/sources', { params: { query }, signal }))
      scopes.push(...page.items)
      total = page.total
      cursor = page.next_cursor ?? undefined
    } while (cursor && scopes.length < most_scopes)
    return { scopes, total }
  },
  refetchInterval: (query) => ((query.state.data?.total ?? 0) <= 1000 ? 30_000 : 300_000),
})

export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: ({ signal }) =>
    answer(api.GET('/api/v1alpha/holds', { params: { query: { limit: 500 } }, signal })),
})

/** Retires what a hold kept. */
export const useReleaseHold = () =>
  useMutation({
    mutationFn: (id: string) =>
      answer(api.POST('/api/v1alpha/holds/{id}/release', { params: { path: { id } } })),
    onSuccess: () => void queryClient.invalidateQueries(),
  })
