import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Schemas } from '@/api/client'
import { findingsAbout } from '@/api/findings-about'
import { told } from '@/api/problem'
import type { OwnershipState } from '@/api/why'
import { cn } from '@/lib/cn'
import { pathOf } from '@/lib/refs'
import { verdictOf } from '@/lib/story'
import { Message } from '../message'
import { ownership_states } from '../ownership-badge'
import { Card, Section } from '../page'
import { RelativeTime } from '../relative-time'
import { TeamMark } from '../team-chip'
import { Button } from '../ui/button'
import { Skeleton } from '../ui/skeleton'
import { EvidencePath } from './EvidencePath'

export type Why = UseQueryResult<Schemas['Explanation']>

/** What a service and a resource have in common here. */
interface Thing {
  ref: string
  team: string | null
  ownership: OwnershipState
  stale: boolean
  last_seen?: string | null
}

const grounds = {
  ok: 'border-ok/30 bg-ok-ground',
  warn: 'border-warn/30 bg-warn-ground',
  bad: 'border-bad/30 bg-bad-ground',
  idle: 'border-border bg-idle-ground',
} as const
const inks = { ok: 'text-ok', warn: 'text-warn', bad: 'text-bad', idle: 'text-idle' } as const

const told_above: ReadonlySet<string> = new Set(['conflict', 'unknown-team'])

/** Who owns it, in one sentence; then every claim that was heard, as a path. */
export function Story({
  thing,
  why,
  suggested,
  unread,
}: {
  thing: Thing
  why: Why
  /** Who may own it, where nobody is known to. */
  suggested?: ReactNode
  /** What to do about what could not be read. */
  unread?: ReactNode
}) {
  const { data, error, isError, refetch } = why
  // What the sentence above says already is not said twice.
  const findings = (useQuery(findingsAbout(thing.ref)).data ?? []).filter(({ kind }) => !told_above.has(kind))
  return (
    <Section title="Who owns it, and why">
      <Card className="overflow-hidden">
        <Verdict thing={thing} why={data} />
        {suggested}
        <div className="px-5 py-4">
          {data ? (
            <>
              {data.state === 'unknown' && unread}
              <EvidencePath evidence={data.evidence} state={data.state} self={data.ref} />
            </>
          ) : isError ? (
            <p role="alert" className="flex items-start gap-2 text-bad">
              <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span>
                The evidence could not be read. {told(error)}{' '}
                <Button variant="link" size="inline" onClick={() => void refetch()}>
                  Try again
                </Button>
              </span>
            </p>
          ) : (
            <Skeleton className="h-28" />
          )}
          {findings.length > 0 && (
            <ul aria-label="Findings" className="mt-4 flex flex-col gap-1.5 border-t pt-3.5">
              {findings.map(({ kind, message }) => (
                <li key={`${kind} ${message}`} className="flex items-start gap-2 text-warn">
                  <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
                  <span className="min-w-0 wrap-anywhere">
                    <Message message={message} about={thing.ref} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      </Card>
    </Section>
  )
}

function Verdict({ thing, why }: { thing: Thing; why: Schemas['Explanation'] | undefined }) {
  const { word, icon: Icon, tone } = ownership_states[thing.ownership]
  const known = tone as keyof typeof grounds
  return (
    <div className={cn('flex gap-3.5 border-b px-5 py-4', grounds[known])}>
      {thing.team ? (
        <TeamMark team={thing.team} className="mt-0.5 size-9 rounded-md text-sm" />
      ) : (
        <Icon aria-hidden className={cn('mt-1 size-7 shrink-0', inks[known])} strokeWidth={1.5} />
      )}
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 text-base font-semibold">
          {thing.team ? (
            <Link href={pathOf(`team:${thing.team}`) ?? '/teams'} className="link">
              {thing.team}
            </Link>
          ) : (
            word
          )}
          {thing.team && (
            <span className={cn('inline-flex items-center gap-1 text-xs font-medium', inks[known])}>
              <Icon aria-hidden className="size-3.5" />
              {thing.ownership === 'unknown' ? 'last known owner' : word.toLowerCase()}
            </span>
          )}
        </p>
        {why ? (
          <p className="mt-0.5 max-w-prose text-pretty wrap-anywhere">{verdictOf(why, why.ref)}</p>
        ) : (
          <Skeleton className="mt-1 h-5 w-80 max-w-full" />
        )}
        {thing.stale && (
          <p className="mt-1 text-muted-foreground">
            The newest read of it did not succeed: this is what was known{' '}
            <RelativeTime time={thing.last_seen} otherwise="before" />.
          </p>
        )}
      </div>
    </div>
  )
}
