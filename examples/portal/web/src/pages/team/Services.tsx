import { Link } from 'wouter'
import type { Team } from '@/api/teams'
import { Card, Section } from '@/components/page'
import { StaleMark } from '@/components/states'
import { StatusLabel, statuses } from '@/components/status'
import { Badge } from '@/components/ui/badge'
import { Table, TableCell, TableHead } from '@/components/ui/table'
import { byStage } from '@/lib/matrix'
import { pathOf } from '@/lib/refs'
import { count } from '@/lib/time'

const most_shown = 20
const worst_first = Object.keys(statuses)

/** What it runs, the worst first: that is what a squad looks for. */
export function Services({ team }: { team: Team }) {
  const services = [...(team.services ?? [])].sort(
    (one, other) =>
      worst_first.indexOf(one.status) - worst_first.indexOf(other.status) ||
      one.name.localeCompare(other.name),
  )
  const all = `/services?team=${encodeURIComponent(team.name)}`
  return (
    <Section
      title="Services"
      beside={
        team.counts.services > most_shown ? (
          <Link href={all} className="link text-muted-foreground">
            All {count(team.counts.services)}
          </Link>
        ) : (
          <span className="text-muted-foreground tabular-nums">{count(team.counts.services)}</span>
        )
      }
    >
      {services.length === 0 ? (
        <p className="text-muted-foreground">It runs none.</p>
      ) : (
        <Card className="@container">
          <Table aria-label="Services of the team">
            <thead className="border-b">
              <tr>
                <TableHead>Service</TableHead>
                <TableHead className="w-30">Status</TableHead>
                <TableHead className="hidden w-56 @lg:table-cell">Runs in</TableHead>
              </tr>
            </thead>
            <tbody>
              {services.slice(0, most_shown).map((service) => (
                <tr key={service.ref} className="h-10 border-b border-border/60 last:border-0">
                  <TableCell>
                    <span className="flex items-center gap-2">
                      <Link href={pathOf(service.ref) ?? '/services'} className="link truncate font-medium">
                        {service.display_name}
                      </Link>
                      <span className="hidden truncate text-xs text-muted-foreground sm:inline">
                        {service.namespace}
                      </span>
                      {service.stale && <StaleMark />}
                    </span>
                  </TableCell>
                  <TableCell>
                    <StatusLabel status={service.status} />
                  </TableCell>
                  <TableCell className="hidden @lg:table-cell">
                    <span className="flex gap-1">
                      {[...service.environments].sort(byStage).map((name) => (
                        <Badge key={name}>{name}</Badge>
                      ))}
                    </span>
                  </TableCell>
                </tr>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
    </Section>
  )
}
