import { Link } from 'wouter'
import type { Service } from '@/api/services'
import { type Column, row_link } from '@/components/data-table'
import { RelativeTime } from '@/components/relative-time'
import { ServiceMenu } from '@/components/service/ServiceActions'
import { StaleMark } from '@/components/states'
import { StatusLabel } from '@/components/status'
import { TeamChip } from '@/components/team-chip'
import { Badge } from '@/components/ui/badge'
import { byStage } from '@/lib/matrix'
import { pathOf } from '@/lib/refs'

export const columns: readonly Column<Service>[] = [
  {
    id: 'name',
    header: 'Service',
    sort: 'name',
    cell: (service) => (
      <span className="flex items-center gap-2">
        <Link
          href={pathOf(service.ref) ?? '/services'}
          className="link truncate font-semibold"
          title={service.ref}
          {...row_link}
        >
          {service.name}
        </Link>
        <span className="hidden truncate text-xs text-muted-foreground sm:inline">{service.namespace}</span>
        {service.stale && <StaleMark />}
      </span>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    sort: 'status',
    className: 'w-32',
    cell: (service) => <StatusLabel status={service.status} />,
  },
  {
    id: 'team',
    header: 'Team',
    sort: 'team',
    className: 'w-40',
    from_px: 512,
    cell: (service) => <TeamChip team={service.team} ownership={service.ownership} />,
  },
  {
    id: 'environments',
    header: 'Environments',
    className: 'w-44',
    from_px: 896,
    cell: (service) => (
      <span className="flex gap-1">
        {[...service.environments].sort(byStage).map((environment) => (
          <Badge key={environment}>{environment}</Badge>
        ))}
      </span>
    ),
  },
  {
    id: 'type',
    header: 'Type',
    sort: 'type',
    className: 'w-28',
    from_px: 1024,
    cell: (service) => <span className="text-muted-foreground">{service.type}</span>,
  },
  {
    id: 'updated_at',
    header: 'Changed',
    sort: 'updated_at',
    className: 'w-32',
    from_px: 672,
    cell: (service) => (
      <span className="text-muted-foreground">
        <RelativeTime time={service.updated_at} />
      </span>
    ),
  },
  {
    id: 'actions',
    header: 'Actions',
    quiet: true,
    className: 'w-12 !px-1',
    cell: (service) => <ServiceMenu service={service} />,
  },
]
