import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { CircleAlert, Lightbulb } from 'lucide-react'
import { Link } from 'wouter'
import type { Schemas, Versioned } from '@/api/client'
import { findingsAbout } from '@/api/findings-about'
import { told } from '@/api/problem'
import type { Resource } from '@/api/resources'
import { EvidencePath } from '@/components/evidence-path'
import { ownership_states } from '@/components/ownership-badge'
import { Card, Section } from '@/components/page'
import { RelativeTime } from '@/components/relative-time'
import { TeamMark } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'
import { pathOf } from '@/lib/refs'
import { verdictOf } from '@/lib/story'
import { SuggestionButtons } from './SuggestionButtons'
import { Unread } from './Unread'

export type Why = UseQueryResult<Schemas['Explanation']>

const grounds = {
  ok: 'border-ok/30 bg-ok-ground',
  warn: 'border-warn/30 bg-warn-ground',
  bad: 'border-bad/30 bg-bad-ground',
  idle: 'border-border bg-idle-ground',
} as const
const inks = { ok: 'text-ok', warn: 'text-warn', bad: 'text-bad', idle: 'text-idle' } as const

const told_above: ReadonlySet<string> = new Set(['conflict', 'unknown-team'])

/** Who owns it, in one sentence; then every claim that was heard, as a path. */
export function Story({ version, why }: { version: Versioned<Resource>; why: Why }) {
  const resource = version.data
  const { data, error, isError, refetch } = why
  // What the sentence above says already is not said twice.
  const findings = (useQuery(findingsAbout(resource.ref)).data ?? []).filter(
    ({ kind }) => !told_above.has(kind),
  )
  return (
    <Section title="Who owns it, and why">
      <Card className="overflow-hidden">
        <Verdict resource={resource} why={data} />
        {resource.suggestion && (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-5 py-3.5">
            <p className="flex min-w-0 flex-1 basis-72 items-start gap-2.5">
              <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
              <span className="text-pretty">
                <span className="font-medium">
                  Maybe{' '}
                  <Link href={pathOf(`team:${resource.suggestion.team}`) ?? '/teams'} className="link">
                    {resource.suggestion.team}
                  </Link>
                  :
                </span>{' '}
                {resource.suggestion.reason}.
              </span>
            </p>
            <SuggestionButtons version={version} team={resource.suggestion.team} />
          </div>
        )}
        <div className="px-5 py-4">
          {data ? (
            <>
              {data.state === 'unknown' && <Unread resource={resource} evidence={data.evidence} />}
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
                  <span className="min-w-0 wrap-anywhere">{message}</span>
                </li>
              ))}
            </ul>
          )}
        </div>
      </Card>
    </Section>
  )
}

function Verdict({ resource, why }: { resource: Resource; why: Schemas['Explanation'] | undefined }) {
  const { word, icon: Icon, tone } = ownership_states[resource.ownership]
  const known = tone as keyof typeof grounds
  return (
    <div className={cn('flex gap-3.5 border-b px-5 py-4', grounds[known])}>
      {resource.team ? (
        <TeamMark team={resource.team} className="mt-0.5 size-9 rounded-md text-sm" />
      ) : (
        <Icon aria-hidden className={cn('mt-1 size-7 shrink-0', inks[known])} strokeWidth={1.5} />
      )}
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 text-base font-semibold">
          {resource.team ? (
            <Link href={pathOf(`team:${resource.team}`) ?? '/teams'} className="link">
              {resource.team}
            </Link>
          ) : (
            word
          )}
          {resource.team && (
            <span className={cn('inline-flex items-center gap-1 text-xs font-medium', inks[known])}>
              <Icon aria-hidden className="size-3.5" />
              {resource.ownership === 'unknown' ? 'last known owner' : word.toLowerCase()}
            </span>
          )}
        </p>
        {why ? (
          <p className="mt-0.5 max-w-prose text-pretty wrap-anywhere">{verdictOf(why, why.ref)}</p>
        ) : (
          <Skeleton className="mt-1 h-5 w-80 max-w-full" />
        )}
        {resource.stale && (
          <p className="mt-1 text-muted-foreground">
            The newest read of it did not succeed: this is what was known{' '}
            <RelativeTime time={resource.last_seen} otherwise="before" />.
          </p>
        )}
      </div>
    </div>
  )
}
