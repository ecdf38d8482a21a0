import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { paged } from './query'
import type { Asked } from './services'

export type Product = Schemas['Product']

export const productsQuery = (asked: Asked) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['products', 'list', asked],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked, limit: 500, ...(pageParam && { cursor: pageParam }) }
      return answer(api.GET('/api/v1alpha/products', { params: { query }, signal }))
    },
  })

export const productQuery = (name: string) =>
  queryOptions({
    queryKey: ['products', 'one', name],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1alpha/products/{name}', { params: { path: { name } }, signal })),
  })
