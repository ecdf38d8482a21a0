import type { OwnershipState } from '@/api/why'
import type { Facet } from '@/components/facets'
import { ownership_states } from '@/components/ownership-badge'
import { TeamMark } from '@/components/team-chip'
import { cn } from '@/lib/cn'

const tones = { ok: 'text-ok', warn: 'text-warn', bad: 'text-bad', idle: 'text-idle' } as const

/** How a state of ownership reads as a filter. */
export const ownership_facet: Facet = {
  name: 'ownership',
  label: 'Ownership',
  word: (state) => ownership_states[state as OwnershipState]?.word ?? state,
  mark: (state) => {
    const known = ownership_states[state as OwnershipState]
    return (
      known && <known.icon aria-hidden className={cn('size-4', tones[known.tone as keyof typeof tones])} />
    )
  },
}

export const facets: readonly Facet[] = [
  ownership_facet,
  { name: 'type', label: 'Type' },
  { name: 'environment', label: 'Environment' },
  { name: 'team', label: 'Team', mark: (team) => <TeamMark team={team} /> },
  { name: 'product', label: 'Product' },
  { name: 'region', label: 'Region' },
  { name: 'account', label: 'Account' },
  { name: 'tag', label: 'Tag' },
]
