import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type HealthHistory, type HealthSpan, healthQuery } from '@/api/health'
import { told } from '@/api/problem'
import type { Health, Service } from '@/api/services'
import { Card, Section } from '@/components/page'
import { RelativeTime } from '@/components/relative-time'
import { StatusLabel, statuses } from '@/components/status'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'
import { knownSince, type Piece, percent, piecesOf, troublesOf } from '@/lib/health-history'
import { duration, exactly, useNow } from '@/lib/time'

const ranges = [
  { since: '24h', word: '24 hours', ms: 24 * 3_600_000 },
  { since: '7d', word: '7 days', ms: 7 * 24 * 3_600_000 },
  { since: '30d', word: '30 days', ms: 30 * 24 * 3_600_000 },
] as const

const pieces_drawn = 60
const troubles_shown = 4

/** What the health checks found over time: a strip for the eye, uptime, and the troubles in words. */
export function StatusHistory({ service }: { service: Service }) {
  const [since, choose] = useState<(typeof ranges)[number]['since']>('24h')
  const now = useNow()
  const range = ranges.find((one) => one.since === since) ?? ranges[0]
  const { data, error, isError, refetch } = useQuery(healthQuery(service, since))
  const spans = data?.spans ?? []
  return (
    <Section
      title="Status over time"
      beside={
        <fieldset aria-label="How far back" className="flex rounded-md border border-input bg-card p-0.5">
          {ranges.map((one) => (
            <Button
              key={one.since}
              variant="ghost"
              size="inline"
              aria-pressed={one.since === since}
              onClick={() => choose(one.since)}
              className="h-6.5 rounded-[5px] px-2 text-xs aria-pressed:bg-accent aria-pressed:text-accent-foreground"
            >
              {one.word}
            </Button>
          ))}
        </fieldset>
      }
    >
      <Card className="min-h-37 p-4">
        {isError && !data ? (
          <p role="alert" className="text-muted-foreground">
            The history could not be read: {told(error)}{' '}
            <Button variant="link" size="inline" onClick={() => void refetch()}>
              Try again
            </Button>
          </p>
        ) : !data ? (
          <Skeleton className="h-28" />
        ) : (
          <>
            <Newest history={data} over={overOf(spans, range, now)} />
            <Strip
              pieces={piecesOf(spans, now - range.ms, now, pieces_drawn)}
              word={range.word}
              spans={spans}
            />
            <Troubles spans={spans} now={now} word={range.word} />
          </>
        )}
      </Card>
    </Section>
  )
}

/** The time that uptime is about: shorter than what was asked for where nobody looked before. */
function overOf(spans: readonly HealthSpan[], range: (typeof ranges)[number], now: number) {
  const from = knownSince(spans)
  const known_ms = from === null ? range.ms : now - from
  return known_ms < range.ms * 0.9 ? `the ${duration(known_ms / 1000)} that are known` : range.word
}

function Newest({ history, over }: { history: HealthHistory; over: string }) {
  const { detail, checked_at, status_since, uptime, recent } = history
  return (
    <div className="mb-3 flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
      <div className="min-w-0">
        {detail ? (
          <>
            <p className="wrap-anywhere">
              {detail}{' '}
              <span className="text-muted-foreground">
                <RelativeTime time={checked_at} />
              </span>
            </p>
            <div className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-muted-foreground">
              <Recent answers={recent} />
              {status_since && (
                <span>
                  so since <RelativeTime time={status_since} />
                </span>
              )}
            </div>
          </>
        ) : (
          <p className="text-muted-foreground">Not checked yet.</p>
        )}
      </div>
      <p>
        <span className="text-base font-semibold tabular-nums">
          {uptime === null || uptime === undefined ? '–' : percent(uptime)}
        </span>{' '}
        <span className="text-xs text-muted-foreground">healthy over {over}</span>
      </p>
    </div>
  )
}

const answers_shown = 10

/** The last answers: a status changes only when several agree, and here they are seen. */
function Recent({ answers }: { answers: readonly Health[] }) {
  return (
    <ul aria-label="The last answers, newest first" className="flex items-center gap-0.5">
      {answers.slice(0, answers_shown).map((answer, index) => {
        const { word, icon: Icon, text } = statuses[answer]
        return (
          <li key={index} title={word}>
            <Icon aria-hidden className={cn('size-3.5', text)} />
            <span className="sr-only">{word}</span>
          </li>
        )
      })}
    </ul>
  )
}

/** The form says as much as the colour: who is well stands high, who is down is short and full. */
const bars: Record<Health, string> = {
  healthy: 'h-full bg-ok/60',
  degraded: 'h-3/5 bg-warn',
  down: 'h-1/3 bg-bad',
  unknown: 'h-0.5 bg-idle',
}

function Strip({
  pieces,
  word,
  spans,
}: {
  pieces: readonly Piece[]
  word: string
  spans: readonly HealthSpan[]
}) {
  return (
    <>
      <div role="img" aria-label={summary(spans, word)} className="flex h-9 items-end gap-0.5">
        {pieces.map(({ from_ms, to_ms, status }) => (
          <span
            key={from_ms}
            title={`${status ? statuses[status].word : 'Not checked'}: ${exactly(new Date(from_ms))} – ${exactly(new Date(to_ms))}`}
            className="flex h-full min-w-0 flex-1 items-end"
          >
            <span className={cn('w-full rounded-[2px]', status ? bars[status] : 'h-px bg-border')} />
          </span>
        ))}
      </div>
      <p className="mt-1 flex justify-between text-2xs text-muted-foreground">
        <span>{word} ago</span>
        <span>now</span>
      </p>
    </>
  )
}

function summary(spans: readonly HealthSpan[], word: string) {
  if (spans.length === 0) return `Status over the last ${word}: never checked`
  const count = troublesOf(spans).length
  return `Status over the last ${word}: ${count === 0 ? 'no trouble' : `not well ${count === 1 ? 'once' : `${count} times`}`}`
}

function Troubles({ spans, now, word }: { spans: readonly HealthSpan[]; now: number; word: string }) {
  const troubles = troublesOf(spans)
  if (troubles.length === 0) return null
  return (
    <ul
      aria-label={`When it was not well in the last ${word}`}
      className="mt-3 flex flex-col gap-1 border-t pt-3"
    >
      {troubles.slice(0, troubles_shown).map(({ status, from, to }) => (
        <li key={from} className="flex flex-wrap items-center gap-x-3">
          <StatusLabel status={status} className="w-24" />
          <span className="text-muted-foreground">
            <RelativeTime time={from} />, for{' '}
            {duration(Math.max(0, Math.min(Date.parse(to), now) - Date.parse(from)) / 1000)}
          </span>
        </li>
      ))}
      {troubles.length > troubles_shown && (
        <li className="text-xs text-muted-foreground">and {troubles.length - troubles_shown} earlier ones</li>
      )}
    </ul>
  )
}
