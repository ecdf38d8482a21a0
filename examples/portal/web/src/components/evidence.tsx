import { Check, Minus } from 'lucide-react'
import type { Evidence } from '@/api/why'
import { cn } from '@/lib/cn'
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
 * the word "decided"; what lost is there too, muted.
 */
export function EvidenceChain({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return <p className="text-muted-foreground">Nothing that was read claims it.</p>
  return (
    <ol className="flex flex-col">
      {evidence.map((one, index) => (
        <li key={index} className="relative flex gap-3 pb-4 last:pb-0">
          {index < evidence.length - 1 && (
            <span aria-hidden className="absolute top-6 bottom-0 left-[0.71875rem] w-px bg-border" />
          )}
          <span
            aria-hidden
            className={cn(
              'mt-px flex size-6 shrink-0 items-center justify-center rounded-full border',
              one.won ? 'border-ok bg-ok-ground text-ok' : 'bg-card text-muted-foreground',
            )}
          >
            {one.won ? <Check className="size-3.5" strokeWidth={2.5} /> : <Minus className="size-3.5" />}
          </span>
          <div className={cn('min-w-0 flex-1', !one.won && 'text-muted-foreground')}>
            <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              <Badge tone={one.won ? 'ok' : 'idle'} title={rules[one.rule]}>
                {one.rule}
              </Badge>
              <span className={cn('wrap-anywhere', one.won && 'font-medium')}>
                {one.field ?? 'claim'}
                {one.raw != null && (
                  <>
                    {' = '}
                    <code className="rounded bg-muted px-1 py-px font-mono text-xs text-foreground">
                      {one.raw}
                    </code>
                  </>
                )}
              </span>
              <span>
                {one.team ? (
                  <>
                    → <EntityLink entity={`team:${one.team}`} icon={false} />
                  </>
                ) : (
                  one.raw != null && '→ no known team'
                )}
              </span>
              <span className="sr-only">{one.won ? '(decided)' : '(did not count)'}</span>
            </p>
            <p className="mt-0.5 text-xs text-muted-foreground">
              {one.found_on && <span className="wrap-anywhere">on {one.found_on} · </span>}
              {one.source}, read <RelativeTime time={one.read_at} />
            </p>
          </div>
        </li>
      ))}
    </ol>
  )
}
