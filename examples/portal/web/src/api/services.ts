import { infiniteQueryOptions, queryOptions, useMutation } from '@tanstack/react-query'
import { asked, type View } from '@/lib/url-state'
import { answer, api, ifMatch, type Schemas, versioned } from './client'
import { facetsQuery } from './facets'
import { paged, queryClient } from './query'

export type Service = Schemas['Service']
export type Health = Schemas['Health']
export type NewService = Schemas['NewService']
export type ServiceEdit = Schemas['ServiceEdit']

/** The filters of `GET /services`, as the address writes them too. */
export const service_filters = [
  'team',
  'type',
  'environment',
  'status',
  'tag',
  'product',
  'ownership',
] as const

export type Asked = Record<string, string | string[]>

/** The first page is small, to be there soon; whoever scrolls on gets larger ones. */
const page_size = { first: 100, later: 500 }

export const servicesQuery = (asked: Asked) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['services', 'list', asked],
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam ? { limit: page_size.later, cursor: pageParam } : { limit: page_size.first }
      return answer(api.GET('/api/v1alpha/services', { params: { query: { ...asked, ...page } }, signal }))
    },
  })

/** What the list of an address asks, and the counts beside it. */
export function servicesOf(view: View) {
  const filters = asked(view, service_filters, ['q', 'hidden'])
  const sort = view.get('sort') ?? 'name'
  return {
    filters,
    sort,
    list: servicesQuery({ ...filters, sort }),
    counts: facetsQuery('services', filters),
  }
}

interface At {
  namespace: string
  name: string
}

export const serviceQuery = (at: At) =>
  queryOptions({
    queryKey: ['services', 'one', at.namespace, at.name],
    queryFn: ({ signal }) =>
      versioned(api.GET('/api/v1alpha/services/{namespace}/{name}', { params: { path: at }, signal })),
  })

const at = ({ namespace, name }: At) => ({ namespace, name })

/** After a write everything is asked again: counts, facets and lists hang on each other. Nobody waits for it. */
const everythingAgain = () => {
  void queryClient.invalidateQueries()
}

export const useAddService = () =>
  useMutation({
    mutationFn: (body: NewService) => answer(api.POST('/api/v1alpha/services', { body })),
    onSuccess: everythingAgain,
  })

export const useEditService = () =>
  useMutation({
    mutationFn: ({ service, etag, edit }: { service: At; etag: string | null; edit: ServiceEdit }) =>
      versioned(
        api.PATCH('/api/v1alpha/services/{namespace}/{name}', {
          params: { path: at(service), header: ifMatch(etag) },
          body: edit,
        }),
      ),
    onSuccess: everythingAgain,
  })

/** Deletes what a person added, and hides what a source shows. The newest version is asked first: whoever confirms a
 * deletion means the service, not one version of its description. */
export const useDeleteService = () =>
  useMutation({
    mutationFn: async (service: At) => {
      const { etag } = await queryClient.fetchQuery({ ...serviceQuery(at(service)), staleTime: 0 })
      await answer(
        api.DELETE('/api/v1alpha/services/{namespace}/{name}', {
          params: { path: at(service), header: ifMatch(etag) },
        }),
      )
    },
    onSuccess: everythingAgain,
  })

/** Takes back that it was hidden, whatever else was changed since. */
export const useShowService = () =>
  useMutation({
    mutationFn: (service: At) =>
      answer(
        api.PATCH('/api/v1alpha/services/{namespace}/{name}', {
          params: { path: at(service), header: { 'If-Match': '*' } },
          body: { hidden: null },
        }),
      ),
    onSuccess: everythingAgain,
  })

export const useCheckService = () =>
  useMutation({
    mutationFn: (service: At) =>
      answer(api.POST('/api/v1alpha/services/{namespace}/{name}/check', { params: { path: at(service) } })),
    onSuccess: everythingAgain,
  })
