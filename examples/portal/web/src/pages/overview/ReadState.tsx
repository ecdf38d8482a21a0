import { CircleCheck, Hand, TriangleAlert } from 'lucide-react'
import { Link } from 'wouter'
import { Card, Section } from '@/components/page'
import { RelativeTime } from '@/components/relative-time'
import { Skeleton } from '@/components/ui/skeleton'
import type { SourceSum } from '@/lib/coverage'
import { count, counted } from '@/lib/time'

/** How fresh what the sources said is, and whether it is all. */
export function ReadState({ sums }: { sums: readonly SourceSum[] | undefined }) {
  return (
    <Section
      title="Freshness"
      beside={
        <Link href="/sources" className="link text-xs text-muted-foreground">
          All sources
        </Link>
      }
    >
      {!sums ? (
        <Skeleton className="h-24" />
      ) : sums.length === 0 ? (
        <Card className="p-5 text-muted-foreground">
          Nothing was collected yet. <code className="font-mono text-xs">portal collect</code> reads the
          configured sources, <code className="font-mono text-xs">portal ingest</code> brings them here.
        </Card>
      ) : (
        <Card>
          <ul>
            {sums.map((sum) => (
              <li
                key={sum.source}
                className="grid grid-cols-2 items-center gap-x-4 gap-y-0.5 border-b border-border/60 px-4 py-2.5 last:border-0 sm:grid-cols-[minmax(0,1fr)_9rem_9rem_11rem]"
              >
                <Link
                  href={`/sources?source=${encodeURIComponent(sum.source)}`}
                  className="link truncate font-medium"
                >
                  {sum.source}
                </Link>
                <span className="text-right text-muted-foreground sm:text-left">
                  <RelativeTime time={sum.oldest_read_at} />
                </span>
                <span className="text-muted-foreground tabular-nums">{counted(sum.items, 'object')}</span>
                <Whole sum={sum} />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Section>
  )
}

function Whole({ sum }: { sum: SourceSum }) {
  if (sum.held > 0)
    return (
      <span className="inline-flex items-center gap-1.5 font-medium text-warn">
        <Hand aria-hidden className="size-4" /> {counted(sum.held, 'hold')}
      </span>
    )
  if (sum.whole === sum.parts)
    return (
      <span className="inline-flex items-center gap-1.5 text-ok">
        <CircleCheck aria-hidden className="size-4" /> Read whole
      </span>
    )
  return (
    <span className="inline-flex items-center gap-1.5 text-warn">
      <TriangleAlert aria-hidden className="size-4" /> {count(sum.parts - sum.whole)} of {count(sum.parts)}{' '}
      not whole
    </span>
  )
}
