import { Link } from 'wouter'
import type { Resource } from '@/api/resources'
import { type Column, row_link } from '@/components/data-table'
import { RelativeTime } from '@/components/relative-time'
import { StaleMark } from '@/components/states'
import { TeamChip } from '@/components/team-chip'
import { Badge } from '@/components/ui/badge'
import { pathOf } from '@/lib/refs'

export const columns: readonly Column<Resource>[] = [
  {
    id: 'name',
    header: 'Resource',
    sort: 'name',
    cell: (resource) => (
      <>
        <span className="flex items-center gap-2 leading-5">
          <Link
            href={pathOf(resource.ref) ?? '/resources'}
            className="link truncate font-semibold"
            title={resource.ref}
            {...row_link}
          >
            {resource.display_name}
          </Link>
          {resource.stale && <StaleMark />}
        </span>
        {/* Where the columns that tell namesakes from each other have no place. */}
        <span className="block truncate text-xs leading-4 text-muted-foreground @min-[680px]:hidden">
          {[resource.environment ?? resource.account, resource.type].filter(Boolean).join(' · ')}
        </span>
      </>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    sort: 'type',
    className: 'w-32',
    from_px: 680,
    cell: (resource) => (
      <span className="text-muted-foreground" title={resource.type}>
        {resource.type}
      </span>
    ),
  },
  {
    id: 'team',
    header: 'Owner',
    sort: 'team',
    className: 'w-36 sm:w-48',
    cell: (resource) => <TeamChip team={resource.team} ownership={resource.ownership} />,
  },
  {
    id: 'environment',
    header: 'Environment',
    className: 'w-28',
    from_px: 680,
    cell: (resource) =>
      resource.environment ? (
        <Badge title={resource.account ?? undefined}>{resource.environment}</Badge>
      ) : (
        <span className="text-muted-foreground">–</span>
      ),
  },
  {
    id: 'region',
    header: 'Region',
    className: 'w-28',
    from_px: 960,
    cell: (resource) => <span className="text-muted-foreground">{resource.region ?? '–'}</span>,
  },
  {
    id: 'created_at',
    header: 'Created',
    sort: 'created_at',
    className: 'w-28',
    from_px: 1100,
    cell: (resource) => (
      <span className="text-muted-foreground">
        <RelativeTime time={resource.created_at} otherwise="–" />
      </span>
    ),
  },
  {
    id: 'updated_at',
    header: 'Changed',
    sort: 'updated_at',
    className: 'w-28',
    from_px: 820,
    cell: (resource) => (
      <span className="text-muted-foreground">
        <RelativeTime time={resource.updated_at} otherwise="–" />
      </span>
    ),
  },
]
