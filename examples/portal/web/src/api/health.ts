import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type HealthHistory = Schemas['HealthHistory']
export type HealthSpan = Schemas['HealthSpan']

/** What health checks found of a service since an age (`24h`, `7d`). */
export const healthQuery = (at: { namespace: string; name: string }, since: string) =>
  queryOptions({
    queryKey: ['services', 'health', at.namespace, at.name, since],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1alpha/services/{namespace}/{name}/health', {
          params: { path: { namespace: at.namespace, name: at.name }, query: { since } },
          signal,
        }),
      ),
    placeholderData: (before) => before,
  })
