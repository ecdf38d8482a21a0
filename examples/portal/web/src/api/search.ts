import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Hit = Schemas['Hit']

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1alpha/search', { params: { query: { q, limit: 20 } }, signal })),
    enabled: q !== '',
    placeholderData: (before) => before,
    refetchInterval: false,
  })
