import type { Facets } from '@/api/facets'
import type { Health } from '@/api/services'
import { statuses } from '@/components/status'
import { Skeleton } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'
import { count } from '@/lib/time'
import { toggled, type View } from '@/lib/url-state'

/** How many services are how well; a press shows only those. */
export function StatusStrip({
  counts,
  view,
  show,
}: {
  counts: Facets | undefined
  view: View
  show: (next: View) => void
}) {
  const chosen = view.getAll('status')
  return (
    <fieldset aria-label="Services by status" className="mb-4 grid grid-cols-2 gap-2 sm:grid-cols-4">
      {(Object.keys(statuses) as Health[]).map((status) => {
        const { word, icon: Icon, text } = statuses[status]
        const n = counts && (counts.status?.find(({ value }) => value === status)?.count ?? 0)
        const pressed = chosen.includes(status)
        return (
          <button
            key={status}
            type="button"
            aria-pressed={pressed}
            onClick={() => show(toggled(view, 'status', status))}
            className={cn(
              'flex items-center gap-3 rounded-lg border bg-card px-4 py-2.5 text-left hover:border-input',
              pressed && 'border-primary bg-accent hover:border-primary',
            )}
          >
            <Icon aria-hidden className={cn('size-5 shrink-0', n === 0 ? 'text-muted-foreground' : text)} />
            <span className="flex min-w-0 flex-col">
              {n === undefined ? (
                <Skeleton className="h-6 w-10" />
              ) : (
                <span className="text-xl leading-6 font-semibold tabular-nums">{count(n)}</span>
              )}{' '}
              <span className={cn('text-xs', pressed ? 'text-accent-foreground' : 'text-muted-foreground')}>
                {word}
              </span>
            </span>
          </button>
        )
      })}
    </fieldset>
  )
}
