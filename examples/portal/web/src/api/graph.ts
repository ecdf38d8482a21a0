import { queryOptions } from '@tanstack/react-query'
import { answer, api } from './client'

/** More entities than this the API does not put into one drawing. */
export const most_nodes = 500

export const graphQuery = (ref: string, depth: number, limit = 200) =>
  queryOptions({
    queryKey: ['graph', ref, depth, limit],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1alpha/graph', { params: { query: { ref, depth, limit } }, signal })),
  })
