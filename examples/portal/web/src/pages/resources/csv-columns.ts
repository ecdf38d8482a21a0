import type { Resource } from '@/api/resources'
import type { CsvColumn } from '@/lib/csv'

/** The columns of the exported file, with the API's own names. */
export const csv_columns: readonly CsvColumn<Resource>[] = [
  { name: 'ref', of: ({ ref }) => ref },
  { name: 'arn', of: ({ arn }) => arn },
  { name: 'name', of: ({ name }) => name },
  { name: 'type', of: ({ type }) => type },
  { name: 'account', of: ({ account }) => account },
  { name: 'environment', of: ({ environment }) => environment },
  { name: 'region', of: ({ region }) => region },
  { name: 'team', of: ({ team }) => team },
  { name: 'ownership', of: ({ ownership }) => ownership },
  { name: 'rule', of: ({ rule }) => rule },
  { name: 'product', of: ({ product }) => product },
  { name: 'description', of: ({ description }) => description },
  {
    name: 'tags',
    of: ({ tags }) =>
      Object.entries(tags)
        .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
        .join('; '),
  },
  { name: 'created_at', of: ({ created_at }) => created_at },
  { name: 'first_seen', of: ({ first_seen }) => first_seen },
  { name: 'last_seen', of: ({ last_seen }) => last_seen },
  { name: 'stale', of: ({ stale }) => String(stale) },
]
