import { Link } from 'wouter'
import type { Team } from '@/api/teams'
import { type Column, row_link } from '@/components/data-table'
import { EntityLink } from '@/components/entity-link'
import { TeamMark } from '@/components/team-chip'
import { Badge } from '@/components/ui/badge'
import { byStage } from '@/lib/matrix'
import { pathOf } from '@/lib/refs'
import { count } from '@/lib/time'

const dash = <span className="text-muted-foreground">–</span>

export const columns: readonly Column<Team>[] = [
  {
    id: 'name',
    header: 'Team',
    sort: 'name',
    cell: (team) => (
      <span className="flex items-center gap-2.5">
        <TeamMark team={team.name} />
        <Link
          href={pathOf(team.ref) ?? '/teams'}
          className="link truncate font-semibold"
          title={team.display_name}
          {...row_link}
        >
          {team.display_name}
        </Link>
        {team.display_name !== team.name && (
          <span className="hidden truncate text-xs text-muted-foreground sm:inline">{team.name}</span>
        )}
      </span>
    ),
  },
  {
    id: 'product',
    header: 'Product',
    className: 'w-40',
    from_px: 640,
    cell: (team) =>
      team.product ? <EntityLink entity={`product:${team.product}`} className="font-normal" /> : dash,
  },
  {
    id: 'services',
    header: 'Services',
    className: 'w-24 text-right',
    cell: ({ name, counts }) => (
      <Amount n={counts.services} to={`/services?team=${encodeURIComponent(name)}`} what="services" />
    ),
  },
  {
    id: 'resources',
    header: 'Resources',
    className: 'w-24 text-right',
    from_px: 420,
    cell: ({ name, counts }) => (
      <Amount n={counts.resources} to={`/resources?team=${encodeURIComponent(name)}`} what="resources" />
    ),
  },
  {
    id: 'environments',
    header: 'Runs in',
    className: 'w-64',
    from_px: 900,
    cell: ({ counts }) => {
      const environments = Object.keys(counts.by_environment).sort(byStage)
      if (environments.length === 0) return dash
      return (
        <span className="flex gap-1" title={environments.join(', ')}>
          {environments.slice(0, 4).map((name) => (
            <Badge key={name}>{name}</Badge>
          ))}
          {environments.length > 4 && <Badge tone="outline">+{environments.length - 4}</Badge>}
        </span>
      )
    },
  },
  {
    id: 'parents',
    header: 'Belongs to',
    className: 'w-40',
    from_px: 1040,
    cell: ({ parents }) =>
      parents.length === 0 ? (
        dash
      ) : (
        <span className="text-muted-foreground" title={parents.join(', ')}>
          {parents.join(', ')}
        </span>
      ),
  },
]

function Amount({ n, to, what }: { n: number; to: string; what: string }) {
  if (n === 0) return <span className="text-muted-foreground tabular-nums">0</span>
  return (
    <Link href={to} className="link tabular-nums" aria-label={`${count(n)} ${what}`}>
      {count(n)}
    </Link>
  )
}
