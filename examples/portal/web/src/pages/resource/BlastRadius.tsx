import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { graphQuery, most_nodes } from '@/api/graph'
import { told } from '@/api/problem'
import type { Resource } from '@/api/resources'
import { EntityLink } from '@/components/entity-link'
import { Card, Section } from '@/components/page'
import { TeamChip } from '@/components/team-chip'
import { Skeleton } from '@/components/ui/skeleton'
import { blastRadius } from '@/lib/graph'
import { count, counted } from '@/lib/time'

/** So many steps are followed. */
const depth = 4
const most_shown = 12

/** What would notice if it went away: what uses it, what hangs on that, and whose it all is. */
export function BlastRadius({ resource }: { resource: Resource }) {
  const graph = useQuery(graphQuery(resource.ref, depth, most_nodes))
  const radius = graph.data && blastRadius(graph.data, resource.ref)
  const total = radius?.rings.reduce((sum, ring) => sum + ring.length, 0) ?? 0
  return (
    <Section
      title="If it went away"
      beside={
        <Link
          href={`/graph?ref=${encodeURIComponent(resource.ref)}&depth=2`}
          className="link text-muted-foreground"
        >
          See the graph
        </Link>
      }
    >
      {radius ? (
        total === 0 ? (
          <p className="max-w-prose text-pretty text-muted-foreground">
            Nothing that was read hangs on it{radius.cut ? ', as far as the graph was followed' : ''}. That is
            a reason to ask, not yet one to delete it.
          </p>
        ) : (
          <>
            <p className="mb-3 max-w-prose text-pretty">
              {radius.cut && 'At least '}
              {counted(total, 'thing')} of{' '}
              {radius.teams.length === 0 ? 'nobody that is known' : counted(radius.teams.length, 'team')}{' '}
              would notice.
            </p>
            <ol className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
              {radius.rings.map((ring, index) => (
                <li key={index} className="min-w-0">
                  <Card className="h-full p-4">
                    <p className="mb-1.5 flex justify-between gap-2 text-xs text-muted-foreground">
                      {index === 0 ? 'Hangs on it directly' : `${index + 1} steps away`}
                      <span className="tabular-nums">{count(ring.length)}</span>
                    </p>
                    <ul>
                      {ring.slice(0, most_shown).map(({ ref, name, team }) => (
                        <li key={ref} className="flex min-h-8 items-center justify-between gap-3">
                          <EntityLink entity={ref} name={name} />
                          {team && (
                            <span className="min-w-0 shrink-0 text-xs">
                              <TeamChip team={team} />
                            </span>
                          )}
                        </li>
                      ))}
                    </ul>
                    {ring.length > most_shown && (
                      <p className="mt-1 text-xs text-muted-foreground">
                        and {count(ring.length - most_shown)} more
                      </p>
                    )}
                  </Card>
                </li>
              ))}
            </ol>
          </>
        )
      ) : graph.isError ? (
        <p role="alert" className="text-muted-foreground">
          What hangs on it could not be read. {told(graph.error)}
        </p>
      ) : (
        <Skeleton className="h-32" />
      )}
    </Section>
  )
}
