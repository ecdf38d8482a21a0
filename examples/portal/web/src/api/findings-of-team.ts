import { queryOptions } from '@tanstack/react-query'
import { answer, api } from './client'
import type { Finding } from './findings'

/** More findings than this are not read to find those of a team. */
const most_read = 5000

/** Every finding, for whoever looks for those about some things: the API narrows to one thing only. */
export const allFindingsQuery = queryOptions({
  queryKey: ['findings', 'all'],
  queryFn: async ({ signal }) => {
    const findings: Finding[] = []
    let cursor: string | undefined
    do {
      const query = { limit: 500, ...(cursor && { cursor }) }
      const page = await answer(api.GET('/api/v1alpha/findings', { params: { query }, signal }))
      findings.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor && findings.length < most_read)
    return { findings, cut: cursor !== undefined }
  },
  refetchInterval: 60_000,
})
