import { queryOptions } from '@tanstack/react-query'
import { answer, api } from './client'
import type { Asked } from './services'

export interface FacetValue {
  value: string
  count: number
}
export type Facets = Record<string, FacetValue[]>

/** Counts beside each filter; each facet is counted without its own filter. */
export const facetsQuery = (of: 'services' | 'resources', asked: Asked) =>
  queryOptions({
    queryKey: ['facets', of, asked],
    queryFn: async ({ signal }): Promise<Facets> => {
      const query = { of, ...asked }
      return (await answer(api.GET('/api/v1alpha/facets', { params: { query }, signal }))).facets
    },
    placeholderData: (before) => before,
  })
