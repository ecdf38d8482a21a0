import { queryOptions } from '@tanstack/react-query'
import { answer, api } from './client'

/** What a person should look at about one thing. */
export const findingsAbout = (ref: string) =>
  queryOptions({
    queryKey: ['findings', 'about', ref],
    queryFn: async ({ signal }) => {
      const query = { ref, limit: 50 }
      return (await answer(api.GET('/api/v1alpha/findings', { params: { query }, signal }))).items
    },
  })
