import { RelativeTime } from '@/components/relative-time'
import { Checkbox } from '@/components/ui/checkbox'
import { cn } from '@/lib/cn'
import type { SourceSum } from '@/lib/coverage'
import { count, counted } from '@/lib/time'

/** One press for each source, with how it does as a whole. */
export function SourceTabs({
  sums,
  chosen,
  choose,
  only_gaps,
  onlyGaps,
}: {
  sums: readonly SourceSum[]
  chosen: string
  choose: (source: string) => void
  only_gaps: boolean
  onlyGaps: (on: boolean) => void
}) {
  return (
    <div className="mb-3">
      <h2 className="mb-2.5 text-base font-semibold tracking-tight">Coverage</h2>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <fieldset aria-label="Source" className="flex min-w-0 flex-wrap gap-2">
          {sums.map(({ source, parts, whole, scopes, oldest_read_at }) => (
            <button
              key={source}
              type="button"
              aria-pressed={source === chosen}
              onClick={() => choose(source)}
              className={cn(
                'min-w-44 rounded-lg border bg-card px-3.5 py-2 text-left hover:border-input',
                source === chosen && 'border-primary bg-accent text-accent-foreground hover:border-primary',
              )}
            >
              <span className="block font-medium">{source}</span>{' '}
              <span className={cn('block text-xs', source !== chosen && 'text-muted-foreground')}>
                {whole === parts ? 'all' : `${count(whole)} of ${count(parts)}`} read whole,{' '}
                {counted(scopes, 'scope')}
              </span>{' '}
              <span className={cn('block text-xs', source !== chosen && 'text-muted-foreground')}>
                oldest <RelativeTime time={oldest_read_at} />
              </span>
            </button>
          ))}
        </fieldset>
        <label htmlFor="only-gaps" className="inline-flex h-8 items-center gap-2">
          <Checkbox id="only-gaps" checked={only_gaps} onChange={(event) => onlyGaps(event.target.checked)} />
          Only what was not read whole
        </label>
      </div>
    </div>
  )
}
