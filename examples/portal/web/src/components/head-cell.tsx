import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react'
import { cn } from '@/lib/cn'
import { TableHead } from './ui/table'

/** `name` or `-name`, as in the address and the API. */
export type Sort = string

/** A column's header: a button where the list can be sorted by it. */
export function HeadCell({
  column: { header, sort: by, quiet, className },
  sort,
  onSort,
}: {
  column: { header: string; sort?: string; quiet?: true; className?: string }
  sort: Sort
  onSort: (sort: Sort) => void
}) {
  if (!by)
    return (
      <TableHead className={className}>
        <span className={quiet && 'sr-only'}>{header}</span>
      </TableHead>
    )
  const up = sort === by
  const down = sort === `-${by}`
  const Icon = up ? ArrowUp : down ? ArrowDown : ArrowUpDown
  return (
    <TableHead className={className} aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}>
      <button
        type="button"
        onClick={() => onSort(up ? `-${by}` : by)}
        className={cn(
          'group -ml-1 inline-flex items-center gap-1 rounded px-1 py-0.5 hover:text-foreground',
          (up || down) && 'text-foreground',
        )}
      >
        {header}
        <Icon
          aria-hidden
          className={cn(
            'size-3.5',
            !up && !down && 'opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60',
          )}
        />
      </button>
    </TableHead>
  )
}
