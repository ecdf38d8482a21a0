import { infiniteQueryOptions, queryOptions, useMutation } from '@tanstack/react-query'
import { asked, type View } from '@/lib/url-state'
import { answer, api, ifMatch, type Schemas, type Versioned, versioned } from './client'
import { facetsQuery } from './facets'
import { type ListPage, paged, queryClient } from './query'
import type { Asked } from './services'

export type Resource = Schemas['Resource']
export type ResourceEdit = Schemas['ResourceEdit']
/** The team is named with each action: what the person saw suggested, or picked. */
export type Feedback = Pick<Schemas['OwnershipFeedback'], 'action'> & { team: string }

/** The filters of `GET /resources`, as the address writes them too. */
export const resource_filters = [
  'ownership',
  'type',
  'environment',
  'team',
  'region',
  'account',
  'product',
  'tag',
] as const

const page_size = { first: 100, later: 500 }

export const resourcesQuery = (asked: Asked) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['resources', 'list', asked],
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam ? { limit: page_size.later, cursor: pageParam } : { limit: page_size.first }
      return answer(api.GET('/api/v1alpha/resources', { params: { query: { ...asked, ...page } }, signal }))
    },
  })

/** What the list of an address asks, and the counts beside it. */
export function resourcesOf(view: View) {
  const filters = asked(view, resource_filters, ['q'])
  const sort = view.get('sort') ?? 'name'
  return {
    filters,
    sort,
    list: resourcesQuery({ ...filters, sort }),
    counts: facetsQuery('resources', filters),
  }
}

/** One page of a list that nobody looks at: for a file of all of them. */
export const resourcesPage = (
  asked: Asked,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListPage<Resource>> => {
  const query = { ...asked, limit: page_size.later, ...(cursor && { cursor }) }
  return answer(api.GET('/api/v1alpha/resources', { params: { query }, signal }))
}

export const resourceQuery = (id: string) =>
  queryOptions({
    queryKey: ['resources', 'one', id],
    queryFn: ({ signal }) =>
      versioned(api.GET('/api/v1alpha/resources/{id}', { params: { path: { id } }, signal })),
  })

/** What the API calls a resource: its ref without the word before it. */
export const idOf = ({ ref }: { ref: string }) => ref.slice('resource:'.length)

const everythingAgain = () => {
  void queryClient.invalidateQueries()
}

interface Write<T> {
  id: string
  /** The version that the writer saw. */
  etag: string | null
  body: T
}

export const editResource = ({ id, etag, body }: Write<ResourceEdit>): Promise<Versioned<Resource>> =>
  versioned(
    api.PATCH('/api/v1alpha/resources/{id}', {
      params: { path: { id }, header: ifMatch(etag) },
      body,
    }),
  )

export const useEditResource = () => useMutation({ mutationFn: editResource, onSuccess: everythingAgain })

/** Confirms or rejects the suggested owner, or names another one. */
export const sendFeedback = ({ id, etag, body }: Write<Feedback>): Promise<Versioned<Resource>> =>
  versioned(
    api.POST('/api/v1alpha/resources/{id}/ownership/feedback', {
      params: { path: { id } },
      body: { ...body, etag: etag ?? '' },
    }),
  )
