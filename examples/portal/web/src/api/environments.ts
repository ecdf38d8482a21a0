import { queryOptions } from '@tanstack/react-query'
import { placeIn } from '@/lib/refs'
import { answer, api, type Schemas } from './client'

/** The names of accounts, by their id. */
export const environmentNamesQuery = queryOptions({
  queryKey: ['environments', 'names'],
  queryFn: async ({ signal }) => {
    const environments: Schemas['Environment'][] = []
    let cursor: string | undefined
    do {
      const query = { limit: 500, ...(cursor && { cursor }) }
      const page = await answer(api.GET('/api/v1alpha/environments', { params: { query }, signal }))
      environments.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor)
    return new Map(environments.map(({ account, name }) => [account, name]))
  },
  staleTime: 60_000,
  structuralSharing: false,
})

/** Where something is, in words: `prod`, `prod-eu`; null where its ref does not say. */
export function placeWord(ref: string, names: ReadonlyMap<string, string> | undefined): string | null {
  const place = placeIn(ref)
  if (!place) return null
  return 'cluster' in place ? place.cluster : (names?.get(place.account) ?? place.account)
}
