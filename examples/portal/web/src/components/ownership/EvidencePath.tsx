import {
  ArrowRight,
  Check,
  CircleSlash,
  GitCompareArrows,
  Hourglass,
  type LucideIcon,
  Minus,
  ShieldQuestion,
  UserRoundX,
} from 'lucide-react'
import { Fragment, type ReactNode } from 'react'
import type { Evidence, OwnershipState } from '@/api/why'
import { cn } from '@/lib/cn'
import { carriersOf, listed, type Outcome, rule_words, type Step, stepsOf } from '@/lib/story'
import { EntityLink } from '../entity-link'
import { RelativeTime } from '../relative-time'
import { TeamMark } from '../team-chip'

const outcomes: Record<Outcome, { word: string; icon: LucideIcon; mark: string }> = {
  won: { word: 'Decided', icon: Check, mark: 'border-ok bg-ok-ground text-ok' },
  unregistered: { word: 'No such team', icon: UserRoundX, mark: 'border-warn bg-warn-ground text-warn' },
  contradicts: {
    word: 'Contradiction',
    icon: GitCompareArrows,
    mark: 'border-warn bg-warn-ground text-warn',
  },
  agrees: { word: 'Says the same', icon: Check, mark: 'bg-card text-muted-foreground' },
  outranked: { word: 'Outranked', icon: Minus, mark: 'bg-card text-muted-foreground' },
  unread: { word: 'Not read', icon: ShieldQuestion, mark: 'border-warn bg-warn-ground text-warn' },
  held: { word: 'Waits', icon: Hourglass, mark: 'bg-card text-muted-foreground' },
  divided: { word: 'Divided', icon: CircleSlash, mark: 'bg-card text-muted-foreground' },
}

/**
 * Each claim as a path that is read from left to right: where it stands, what stands there literally, which rule read
 * it, and which team came of it. Strongest rule first; what lost is there too, with the reason.
 */
export function EvidencePath({
  evidence,
  state,
  self,
}: {
  evidence: readonly Evidence[]
  state: OwnershipState
  self: string
}) {
  const steps = stepsOf(evidence, state)
  if (steps.length === 0)
    return (
      <p className="text-muted-foreground">
        No claim was found: no team key in its tags, none on what made it, and no service that uses it.
      </p>
    )
  return (
    <ol aria-label="Evidence, strongest first" className="flex flex-col">
      {steps.map((step, index) => (
        <PathStep key={index} step={step} self={self} last={index === steps.length - 1} />
      ))}
    </ol>
  )
}

function PathStep({ step, self, last }: { step: Step; self: string; last: boolean }) {
  const { claim, outcome, told, found_on, read_at } = step
  const { word, icon: Icon, mark } = outcomes[outcome]
  const strong = outcome === 'won'
  const carriers = carriersOf(found_on, self)
  const of_use = claim.rule === 'used-by'
  return (
    <li className="relative flex gap-3.5 pb-5 last:pb-0">
      {!last && <span aria-hidden className="absolute top-7 bottom-0 left-[0.84375rem] w-px bg-border" />}
      <span
        aria-hidden
        className={cn('flex size-7 shrink-0 items-center justify-center rounded-full border', mark)}
      >
        <Icon className="size-3.5" strokeWidth={2.25} />
      </span>
      <div className="min-w-0 flex-1 pt-0.5">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
          {outcome !== 'unread' && (
            <Stop label="Place" strong={strong}>
              {claim.field}
            </Stop>
          )}
          {outcome !== 'unread' && (
            <>
              <Then word="says" />
              <Stop label="Text">
                {of_use ? (
                  <EntityLink entity={claim.raw} />
                ) : (
                  <code className="rounded bg-muted px-1.5 py-0.5 font-mono text-xs wrap-anywhere text-foreground">
                    {claim.raw}
                  </code>
                )}
              </Stop>
              <Then word="which by the rule" />
            </>
          )}
          <Stop label="Rule">
            <span
              className="rounded-[5px] border px-1.5 py-px text-xs font-medium"
              title={rule_words[claim.rule]}
            >
              {claim.rule}
            </span>
          </Stop>
          {outcome === 'unread' && <span className="font-medium">could not be read</span>}
          {outcome !== 'unread' && (
            <>
              <Then word="names" />
              <Stop label="Team" strong={strong}>
                {claim.team ? (
                  <span className="inline-flex items-center gap-1.5">
                    <TeamMark team={claim.team} />
                    <EntityLink entity={`team:${claim.team}`} icon={false} />
                  </span>
                ) : (
                  <span className="text-muted-foreground">{of_use ? 'no owner' : 'no known team'}</span>
                )}
              </Stop>
            </>
          )}
        </div>
        <p className="mt-1 text-pretty">
          {outcome !== 'unread' && (
            <span className={cn('font-medium', strong ? 'text-ok' : 'text-muted-foreground')}>{word}. </span>
          )}
          <span className="text-muted-foreground">{told}</span>
        </p>
        {outcome === 'unread' && claim.raw && (
          <p className="mt-1 font-mono text-xs wrap-anywhere text-muted-foreground">{claim.raw}</p>
        )}
        {(carriers.length > 0 || claim.source !== '') && (
          <p className="mt-0.5 text-xs text-pretty wrap-anywhere text-muted-foreground">
            {carriers.length > 0 && !of_use && (
              <>
                on{' '}
                {carriers.map(({ ref, name, places }, index) => (
                  <Fragment key={ref}>
                    {index > 0 && ', '}
                    <EntityLink entity={ref} name={name} className="inline font-normal" icon={false} />
                    {places.length > 0 && ` in ${listed(places)}`}
                  </Fragment>
                ))}
                {claim.source !== '' && ', '}
              </>
            )}
            {claim.source !== '' && (
              <>
                seen by {claim.source}
                {read_at && (
                  <>
                    , read <RelativeTime time={read_at} />
                  </>
                )}
              </>
            )}
          </p>
        )}
      </div>
    </li>
  )
}

/** One stop of the path. Its kind is for screen readers: the eye sees the order. */
function Stop({ label, strong = false, children }: { label: string; strong?: boolean; children: ReactNode }) {
  return (
    <span className={cn('inline-flex max-w-full min-w-0 items-center', strong && 'font-semibold')}>
      <span className="sr-only">{label}: </span>
      {children}
    </span>
  )
}

function Then({ word }: { word: string }) {
  return (
    <>
      <ArrowRight aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <span className="sr-only">{word}</span>
    </>
  )
}
