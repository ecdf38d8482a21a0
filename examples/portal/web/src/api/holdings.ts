import { queryOptions } from '@tanstack/react-query'
import { type MatrixCounts, matrixOf } from '@/lib/matrix'
import { answer, api } from './client'
import type { FacetValue } from './facets'
import type { Asked } from './services'

/** So many environments are counted by type; nobody reads a wider table. */
const most_environments = 60

/**
 * What is there in each environment, services and resources by type, counted by the server: however much somebody
 * owns, it is one small answer for each environment.
 */
export const holdingsQuery = (asked: Asked) =>
  queryOptions({
    queryKey: ['holdings', asked],
    queryFn: async ({ signal }) => {
      const facets = async (of: 'services' | 'resources', more: Asked = {}) => {
        const query = { of, ...asked, ...more }
        return answer(api.GET('/api/v1alpha/facets', { params: { query }, signal }))
      }
      const [services, resources] = await Promise.all([facets('services'), facets('resources')])
      const environments = resources.facets.environment ?? []
      const shown = environments.slice(0, most_environments)
      const types_in: Record<string, readonly FacetValue[]> = {}
      await Promise.all(
        shown.map(async ({ value }) => {
          types_in[value] = (await facets('resources', { environment: [value] })).facets.type ?? []
        }),
      )
      const counts: MatrixCounts = {
        services: { total: services.total, by_environment: services.facets.environment ?? [] },
        types: resources.facets.type ?? [],
        types_in,
      }
      return {
        matrix: matrixOf(counts),
        left_out: environments.length - shown.length,
        services: services.total,
        resources: resources.total,
        /** How sure the ownership is: an `unknown` one is the last known. */
        ownership: [...(services.facets.ownership ?? []), ...(resources.facets.ownership ?? [])],
      }
    },
    // It asks for as many answers as there are environments.
    refetchInterval: 60_000,
    placeholderData: (before) => before,
  })
