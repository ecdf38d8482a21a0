import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { paged } from './query'
import type { Asked } from './services'

export type Team = Schemas['Team']

/** More teams than this are not read at once. */
const most_teams = 5000

/** Every team, for whoever chooses one, and for the tree of teams: both need all of them. */
export const allTeamsQuery = queryOptions({
  queryKey: ['teams', 'all'],
  queryFn: async ({ signal }) => {
    const teams: Team[] = []
    let cursor: string | undefined
    do {
      const query = { limit: 500, ...(cursor && { cursor }) }
      const page = await answer(api.GET('/api/v1alpha/teams', { params: { query }, signal }))
      teams.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor && teams.length < most_teams)
    return teams
  },
  staleTime: 60_000,
})

export const teamNamesQuery = queryOptions({
  ...allTeamsQuery,
  select: (teams: Team[]) => teams.map(({ name, display_name }) => ({ name, display_name })),
})

export const teamsQuery = (asked: Asked) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['teams', 'list', asked],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked, limit: pageParam ? 500 : 100, ...(pageParam && { cursor: pageParam }) }
      return answer(api.GET('/api/v1alpha/teams', { params: { query }, signal }))
    },
  })

/** One team with its people and summaries of what it owns, at most 1000 of each. An old name answers with the new. */
export const teamQuery = (name: string) =>
  queryOptions({
    queryKey: ['teams', 'one', name],
    queryFn: ({ signal }) => {
      const params = {
        path: { name },
        query: { expand: ['services', 'resources'] as ('services' | 'resources')[] },
      }
      return answer(api.GET('/api/v1alpha/teams/{name}', { params, signal }))
    },
  })
