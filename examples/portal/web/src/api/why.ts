import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Evidence = Schemas['Evidence']
export type OwnershipState = Schemas['OwnershipState']

export const whyQuery = (ref: string) =>
  queryOptions({
    queryKey: ['why', ref],
    queryFn: ({ signal }) => answer(api.GET('/api/v1alpha/why', { params: { query: { ref } }, signal })),
  })
