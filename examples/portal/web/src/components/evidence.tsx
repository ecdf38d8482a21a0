import { Check, Minus } from 'lucide-react'
import type { Evidence } from '@/api/why'
import { cn } from '@/lib/cn'
import { grouped } from '@/lib/evidence'
import { EntityLink } from './entity-link'
import { RelativeTime } from './relative-time'
import { Badge } from './ui/badge'

/** What each rule means, for people who do not know the words. */
const rules: Record<string, string> = {
  override: 'A person said so here',
  tag: 'A tag or label on the thing itself',
  inherited: 'From what it is in: namespace, stack, account',
  'used-by': 'From the services that use it',
}

/**
 * Why somebody owns something, as a path from the claim to the team, strongest first. What won has a filled mark and
 * says so; what lost is there too, muted.
 */
export function EvidenceChain({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return <p className="text-muted-foreground">Nothing that was read claims it.</p>
  const claims = grouped(evidence)
  return (
    <ol className="flex flex-col">
      {claims.map(({ claim, found_on, read_at }, index) => (
        <li key={index} className="relative flex gap-3 pb-5 last:pb-0">
          {index < claims.length - 1 && (
            <span aria-hidden className="absolute top-6 bottom-0 left-[0.71875rem] w-px bg-border" />
          )}
          <span
            aria-hidden
            className={cn(
              'mt-px flex size-6 shrink-0 items-center justify-center rounded-full border',
              claim.won ? 'border-ok bg-ok-ground text-ok' : 'bg-card text-muted-foreground',
            )}
          >
            {claim.won ? <Check className="size-3.5" strokeWidth={2.5} /> : <Minus className="size-3.5" />}
          </span>
          <div className={cn('min-w-0 flex-1', !claim.won && 'text-muted-foreground')}>
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <Badge tone={claim.won ? 'ok' : 'idle'} title={rules[claim.rule]}>
                {claim.rule}
              </Badge>
              <span className={cn('wrap-anywhere', claim.won && 'font-medium')}>
                {claim.field ?? 'claim'}
                {claim.raw != null && (
                  <>
                    {' = '}
                    <code className="rounded bg-muted px-1 py-px font-mono text-xs text-foreground">
                      {claim.raw}
                    </code>
                  </>
                )}
              </span>
              {claim.team ? (
                <span>
                  → <EntityLink entity={`team:${claim.team}`} icon={false} />
                </span>
              ) : (
                claim.raw != null && <span>→ no known team</span>
              )}
              <span className="sr-only">{claim.won ? '(decided)' : '(did not count)'}</span>
            </p>
            {found_on.length > 0 && (
              <ul className="mt-1 text-xs text-muted-foreground">
                {found_on.map((place) => (
                  <li key={place} className="wrap-anywhere">
                    on {place}
                  </li>
                ))}
              </ul>
            )}
            <p className="mt-0.5 text-xs text-muted-foreground">
              {claim.source}, read <RelativeTime time={read_at} />
            </p>
          </div>
        </li>
      ))}
    </ol>
  )
}
