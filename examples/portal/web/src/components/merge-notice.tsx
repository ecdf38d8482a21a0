import { GitMerge } from 'lucide-react'
import { Button } from './ui/button'

/**
 * Shown in a form after a 412: somebody else saved first. Says what came in from them, and what both changed: there my
 * text is kept, with theirs beside it.
 */
export function MergeNotice({
  taken,
  conflicts,
  take,
}: {
  /** Labels of the fields that were taken over. */
  taken: string[]
  /** What both changed. */
  conflicts: { field: string; label: string; theirs: string }[]
  /** Takes the other person's value of a field. */
  take: (field: string) => void
}) {
  return (
    <div role="alert" className="mb-5 rounded-lg bg-warn-ground px-4 py-3">
      <p className="flex items-center gap-2 font-semibold text-warn">
        <GitMerge aria-hidden className="size-4 shrink-0" />
        Somebody else saved this while you were editing
      </p>
      <p className="mt-1">
        Your input is kept.
        {taken.length > 0 && ` Taken over from them: ${taken.join(', ')}.`}
        {conflicts.length > 0 ? ' You both changed:' : ' Look it over and save again.'}
      </p>
      {conflicts.length > 0 && (
        <ul className="mt-2 flex flex-col gap-2">
          {conflicts.map(({ field, label, theirs }) => (
            <li key={field} className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
              <span className="font-medium">{label}</span>
              <span className="min-w-0 flex-1 wrap-anywhere">
                theirs: <q>{theirs || '(empty)'}</q>
              </span>
              <Button variant="outline" size="sm" onClick={() => take(field)}>
                Use theirs
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
