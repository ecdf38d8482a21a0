import { type InfiniteData, QueryClient, type UseInfiniteQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ApiError } from './problem'

const refresh_ms = 30_000
/** More pages than this are not asked for again by the clock: that would be a hundred requests for a look at a list. */
const refreshed_pages = 4

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 10 * 60_000,
      refetchInterval: refresh_ms,
      // A portal on this very machine answers without a network.
      networkMode: 'always',
      // An answer that says no will say no again; one that says "not yet" comes from a portal that has just begun.
      retry: (failures, error) =>
        error instanceof ApiError && error.status >= 400
          ? error.status === 503 && failures < 8
          : failures < 2,
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 3000),
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

/** One page of a list. */
export interface ListPage<T> {
  items: T[]
  total: number
  next_cursor?: string | null
}

/** What every list query has in common: pages by cursor, the old rows until the new ones are there. */
export const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined,
  placeholderData: <T>(before: T | undefined) => before,
  // Comparing a hundred thousand rows costs more than drawing the forty that are seen.
  structuralSharing: false,
  refetchInterval: (query: { state: { data?: unknown } }) => {
    const pages = (query.state.data as InfiniteData<unknown> | undefined)?.pages.length ?? 0
    return pages <= refreshed_pages ? refresh_ms : false
  },
} as const

export interface Rows<T> {
  rows: T[]
  total: number
  /** Asks for the next page, if there is one and it is not on its way. */
  more: () => void
}

/** The rows of all pages that are there. */
export function useRows<T>(query: UseInfiniteQueryResult<InfiniteData<ListPage<T>>>): Rows<T> {
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  return useMemo(() => {
    const rows = data?.pages.flatMap((page) => page.items) ?? []
    return {
      rows,
      total: data?.pages[0]?.total ?? 0,
      more: () => {
        if (hasNextPage && !isFetching && !isFetchNextPageError) void fetchNextPage()
      },
    }
  }, [data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage])
}
