import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Team = Schemas['Team']

/** Enough for a list to choose from; the page of teams has its own, paged query. */
export const teamNamesQuery = queryOptions({
  queryKey: ['teams', 'names'],
  queryFn: ({ signal }) =>
    answer(api.GET('/api/v1alpha/teams', { params: { query: { limit: 500 } }, signal })),
  staleTime: 60_000,
  select: (page) => page.items.map(({ name, display_name }) => ({ name, display_name })),
})
