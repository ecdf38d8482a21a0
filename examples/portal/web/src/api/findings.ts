import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { paged } from './query'

export type Finding = Schemas['Finding']
export type FindingKind = Schemas['FindingKind']

/** What each kind is called, and what somebody can do about it; the order is that of the list. */
export const finding_kinds: Record<FindingKind, { word: string; meaning: string }> = {
  'unknown-team': {
    word: 'Unknown teams',
    meaning: 'A claim names a team that nobody knows. Register the team, or correct the claim.',
  },
  conflict: {
    word: 'Conflicts',
    meaning: 'Two claims of the same rank name different teams. Correct one of the two.',
  },
  'empty-claim': { word: 'Empty claims', meaning: 'A team key without a value. Write the team into it.' },
  'ambiguous-team': { word: 'Ambiguous teams', meaning: 'One name stands for two teams.' },
  'team-name-clash': { word: 'Team name clashes', meaning: 'Two groups of directories are one team.' },
  'ambiguous-product': { word: 'Ambiguous products', meaning: 'A team is inside of several products.' },
  'unresolved-reference': {
    word: 'Unresolved references',
    meaning: 'Something is configured that leads to nothing that was seen.',
  },
  'ambiguous-reference': {
    word: 'Ambiguous references',
    meaning: 'A name could mean several things, and none was picked.',
  },
  'same-cluster': { word: 'Same cluster twice', meaning: 'One cluster was read under two names.' },
  'cluster-name-clash': { word: 'Cluster name clashes', meaning: 'Two clusters have one name.' },
  'set-aside': { word: 'Set aside', meaning: 'A record or file that could not be read. The rest was.' },
}

export const findingsQuery = (kinds: readonly string[]) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['findings', 'list', kinds],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...(kinds.length > 0 && { kind: kinds as FindingKind[] }),
        ...(pageParam ? { limit: 500, cursor: pageParam } : { limit: 100 }),
      }
      return answer(api.GET('/api/v1alpha/findings', { params: { query }, signal }))
    },
  })

/** How many there are of each kind: the total of each list, without its rows. */
export const findingCountsQuery = queryOptions({
  queryKey: ['findings', 'counts'],
  queryFn: async ({ signal }) => {
    const counts = await Promise.all(
      (Object.keys(finding_kinds) as FindingKind[]).map(async (kind) => {
        const query = { kind: [kind], limit: 1 }
        const page = await answer(api.GET('/api/v1alpha/findings', { params: { query }, signal }))
        return [kind, page.total] as const
      }),
    )
    return Object.fromEntries(counts) as Record<FindingKind, number>
  },
})
