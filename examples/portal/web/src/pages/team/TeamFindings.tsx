import { useQuery } from '@tanstack/react-query'
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useMemo, useState } from 'react'
import { finding_kinds } from '@/api/findings'
import { allFindingsQuery } from '@/api/findings-of-team'
import { told } from '@/api/problem'
import type { Team } from '@/api/teams'
import { EntityLink } from '@/components/entity-link'
import { Message } from '@/components/message'
import { Card, Section } from '@/components/page'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { count } from '@/lib/time'

const shown_at_first = 8

/** What of its things somebody should look at. */
export function TeamFindings({ team }: { team: Team }) {
  const { data, error, isError } = useQuery(allFindingsQuery)
  const [all, setAll] = useState(false)
  const about = useMemo(
    () =>
      new Set([
        team.ref,
        ...(team.services ?? []).map(({ ref }) => ref),
        ...(team.resources ?? []).map(({ ref }) => ref),
      ]),
    [team],
  )
  const found = data?.findings.filter(({ ref }) => ref !== null && about.has(ref)) ?? []
  return (
    <Section
      title="Findings"
      beside={
        found.length > 0 && <span className="text-muted-foreground tabular-nums">{count(found.length)}</span>
      }
    >
      {data ? (
        found.length === 0 ? (
          <p className="flex items-center gap-2 text-muted-foreground">
            <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" /> Nothing about its things needs a
            look
            {data.cut && ', as far as findings were read'}.
          </p>
        ) : (
          <Card>
            <ul aria-label="Findings about the team's things">
              {(all ? found : found.slice(0, shown_at_first)).map(({ kind, ref, message }) => (
                <li
                  key={`${kind} ${ref} ${message}`}
                  className="flex gap-3 border-b border-border/60 px-4 py-2.5 last:border-0"
                >
                  <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
                  <div className="min-w-0">
                    <p className="flex flex-wrap items-baseline gap-x-2">
                      <span className="font-medium">{finding_kinds[kind].word}</span>
                      {ref && <EntityLink entity={ref} icon={false} className="font-normal" />}
                    </p>
                    <p className="text-muted-foreground wrap-anywhere">
                      <Message message={message} about={ref ?? null} />
                    </p>
                  </div>
                </li>
              ))}
            </ul>
            {found.length > shown_at_first && (
              <Button
                variant="ghost"
                size="inline"
                className="mx-2.5 my-1.5 px-1.5 py-1 text-xs"
                aria-expanded={all}
                onClick={() => setAll(!all)}
              >
                {all ? 'Show fewer' : `Show all ${count(found.length)}`}
              </Button>
            )}
          </Card>
        )
      ) : isError ? (
        <p role="alert" className="text-muted-foreground">
          The findings could not be read. {told(error)}
        </p>
      ) : (
        <Skeleton className="h-20" />
      )}
    </Section>
  )
}
