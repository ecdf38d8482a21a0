import { useInfiniteQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { Link } from 'wouter'
import { useRows } from '@/api/query'
import { servicesQuery } from '@/api/services'
import { Card, Section } from '@/components/page'
import { StatusLabel } from '@/components/status'
import { TeamChip } from '@/components/team-chip'
import { Skeleton } from '@/components/ui/skeleton'
import { pathOf } from '@/lib/refs'
import { count } from '@/lib/time'

const shown = 6

export function Unhealthy() {
  const list = useInfiniteQuery(servicesQuery({ status: ['degraded', 'down'], sort: '-status' }))
  const { rows, total } = useRows(list)
  return (
    <Section
      title="Services not well"
      beside={
        total > shown && (
          <Link href="/services?status=degraded&status=down" className="link text-xs text-muted-foreground">
            All {count(total)}
          </Link>
        )
      }
    >
      {list.isPending ? (
        <Skeleton className="h-66" />
      ) : total === 0 ? (
        <Card className="flex items-center gap-2 p-5 text-muted-foreground">
          <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" /> No service is down or degraded.
        </Card>
      ) : (
        <Card>
          <ul>
            {rows.slice(0, shown).map((service) => (
              <li
                key={service.ref}
                className="grid min-h-11 grid-cols-[6.5rem_minmax(0,1fr)] items-center gap-x-3 border-b border-border/60 px-4 py-1.5 last:border-0 sm:grid-cols-[6.5rem_minmax(0,1fr)_10rem]"
              >
                <StatusLabel status={service.status} />
                <span className="min-w-0 truncate">
                  <Link href={pathOf(service.ref) ?? '/services'} className="link font-medium">
                    {service.name}
                  </Link>{' '}
                  <span className="text-xs text-muted-foreground">{service.namespace}</span>
                </span>
                <span className="col-start-2 min-w-0 sm:col-start-auto">
                  <TeamChip team={service.team} ownership={service.ownership} />
                </span>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Section>
  )
}
