import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { coverageOf } from '@/components/coverage'
import { Card, Section } from '@/components/page'
import { RelativeTime } from '@/components/relative-time'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import type { Gap } from '@/lib/coverage'
import { count, counted } from '@/lib/time'
import { Grant } from './Grant'
import { Lines } from './ScopeSheet'

const first_shown = 5
const places_shown = 6

/** What could not be read, each with what would mend it. */
export function Gaps({ gaps }: { gaps: readonly Gap[] }) {
  const [all, setAll] = useState(false)
  return (
    <Section
      title="Not read whole"
      beside={
        gaps.length > 0 && <span className="text-muted-foreground tabular-nums">{count(gaps.length)}</span>
      }
    >
      {gaps.length === 0 ? (
        <Card className="flex items-center gap-2 p-5 text-muted-foreground">
          <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" /> Everything was read whole.
        </Card>
      ) : (
        <Card>
          <ul>
            {gaps.slice(0, all ? gaps.length : first_shown).map((gap) => (
              <GapRow key={JSON.stringify([gap.source, gap.kind, gap.coverage, gap.permission])} gap={gap} />
            ))}
          </ul>
          {gaps.length > first_shown && (
            <Button
              variant="ghost"
              aria-expanded={all}
              className="w-full justify-start rounded-t-none px-4 text-xs"
              onClick={() => setAll(!all)}
            >
              {all ? 'Show fewer' : `Show all ${count(gaps.length)}`}
            </Button>
          )}
        </Card>
      )}
    </Section>
  )
}

function GapRow({ gap }: { gap: Gap }) {
  const { word, icon: Icon, tone } = coverageOf(gap)
  const places = gap.places
    .slice(0, places_shown)
    .map(({ group, part }) => [group, part].filter(Boolean).join(' / '))
  return (
    <li className="grid gap-x-4 gap-y-1.5 border-b border-border/60 px-4 py-3.5 last:border-0 lg:grid-cols-[13rem_minmax(0,1fr)]">
      <div>
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">
            {gap.source} {gap.kind}
          </span>
          <Badge tone={tone}>
            <Icon aria-hidden /> {word}
          </Badge>
        </p>
        <p className="mt-1 text-xs text-muted-foreground">
          {gap.good_at ? (
            <>
              last read whole <RelativeTime time={gap.good_at} />
            </>
          ) : (
            'never read whole'
          )}
        </p>
      </div>
      <div className="min-w-0">
        <p className="wrap-anywhere">
          In {places.join(', ')}
          {gap.places.length > places_shown &&
            ` and ${counted(gap.places.length - places_shown, 'more place')}`}
        </p>
        {gap.reasons.slice(0, 3).map((reason) => (
          <p key={reason} className="wrap-anywhere text-muted-foreground">
            {reason}
          </p>
        ))}
        <Lines title="Not read" lines={gap.unread.filter((line) => !gap.reasons.includes(line))} />
        <Lines title="Set aside, because it could not be understood" lines={gap.set_aside} />
        {gap.permission && <Grant permission={gap.permission} />}
      </div>
    </li>
  )
}
