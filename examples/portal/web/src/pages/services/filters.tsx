import type { Health } from '@/api/services'
import type { OwnershipState } from '@/api/why'
import type { Facet } from '@/components/facets'
import { ownership_states } from '@/components/ownership-badge'
import { statuses } from '@/components/status'
import { TeamMark } from '@/components/team-chip'
import { cn } from '@/lib/cn'

/** The filters of this page. The statuses have their own, larger row above the list. */
export const facets: readonly Facet[] = [
  { name: 'team', label: 'Team', mark: (team) => <TeamMark team={team} /> },
  { name: 'environment', label: 'Environment' },
  {
    name: 'status',
    label: 'Status',
    word: (status) => statuses[status as Health]?.word ?? status,
    mark: (status) => {
      const known = statuses[status as Health]
      return known && <known.icon aria-hidden className={cn('size-4', known.text)} />
    },
  },
  { name: 'type', label: 'Type' },
  { name: 'product', label: 'Product' },
  {
    name: 'ownership',
    label: 'Ownership',
    word: (state) => ownership_states[state as OwnershipState]?.word ?? state,
  },
  { name: 'tag', label: 'Tag' },
]

export const sorts = [
  { sort: 'name', word: 'Name' },
  { sort: 'status', word: 'Status' },
  { sort: 'team', word: 'Team' },
  { sort: '-updated_at', word: 'Last changed' },
  { sort: '-first_seen', word: 'Newest' },
] as const
