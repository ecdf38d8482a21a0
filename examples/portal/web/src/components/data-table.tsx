import { columnVisibilityFeature, createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table'
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, ArrowUpDown } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { cn } from '@/lib/cn'
import { Skeleton } from './ui/skeleton'
import { Table, TableCell, TableHead } from './ui/table'

/** A column of a list. One cell of each row holds the row's link, marked with `row_link`. */
export interface Column<T> {
  id: string
  header: string
  cell: (row: T) => ReactNode
  /** The API's name of this order; without it the column cannot be sorted by. */
  sort?: string
  /** Width and from which window width on it is there: `w-40 hidden md:table-cell`. */
  className?: string
}

/** Spread on the link of a row that arrow keys go to. */
export const row_link = { 'data-row-link': '' } as const

/** `name` or `-name`, as in the address and the API. */
export type Sort = string

export interface DataTableProps<T extends object> {
  label: string
  columns: readonly Column<T>[]
  /** Columns that are not shown, by id. */
  hidden?: readonly string[]
  /** The rows that are there, and how many there are in all: skeletons stand for the rest. */
  rows: readonly T[]
  total: number
  /** Asks for more rows. */
  more: () => void
  keyOf: (row: T) => string
  sort: Sort
  onSort: (sort: Sort) => void
  row_height_px?: number
}

const features = tableFeatures({ columnVisibilityFeature })

/**
 * A list of any length: the table is as high as all its rows, and only those near the window are drawn. It is a real
 * `<table>`; what is not drawn is two empty rows, above and below. Arrow keys, Home, End and Page keys go from row to
 * row.
 */
export function DataTable<T extends object>({
  label,
  columns,
  hidden = [],
  rows,
  total,
  more,
  keyOf,
  sort,
  onSort,
  row_height_px = 44,
}: DataTableProps<T>) {
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, T>()
    return columns.map((column) =>
      helper.display({ id: column.id, header: column.header, cell: ({ row }) => column.cell(row.original) }),
    )
  }, [columns])
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: keyOf,
    state: { columnVisibility: Object.fromEntries(hidden.map((id) => [id, false])) },
  })
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns])
  const model = table.getRowModel().rows
  const visible = table.getVisibleLeafColumns()

  const body = useRef<HTMLTableSectionElement>(null)
  const [top_px, setTop] = useState(0)
  const [focused, setFocused] = useState<number | null>(null)
  useLayoutEffect(() => {
    const measure = () => body.current && setTop(body.current.getBoundingClientRect().top + scrollY)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  const virtualizer = useWindowVirtualizer({
    count: total,
    estimateSize: () => row_height_px,
    overscan: 10,
    scrollMargin: top_px,
    // Below the header of the page and of the table.
    scrollPaddingStart: 104,
    scrollPaddingEnd: 16,
    // The row that has the focus stays, or scrolling would throw the focus away.
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range)
      if (focused === null || focused >= total || indexes.includes(focused)) return indexes
      return focused < (indexes[0] ?? 0) ? [focused, ...indexes] : [...indexes, focused]
    },
  })
  const drawn = virtualizer.getVirtualItems()
  const last = virtualizer.range?.endIndex ?? 0
  useLayoutEffect(() => {
    if (last + 60 >= rows.length && rows.length < total) more()
  }, [last, rows.length, total, more])

  const goTo = (index: number) => {
    const target = Math.max(0, Math.min(total - 1, index))
    setFocused(target)
    virtualizer.scrollToIndex(target)
    const focus = () =>
      body.current?.querySelector<HTMLElement>(`tr[data-index="${target}"] [data-row-link]`)?.focus()
    // Two frames: one to scroll, one to draw what came into the window.
    requestAnimationFrame(() => requestAnimationFrame(focus))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const at = Number((event.target as HTMLElement).closest('tr')?.dataset.index ?? Number.NaN)
    const page = Math.max(1, Math.floor(innerHeight / row_height_px) - 4)
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: total - 1,
    }
    const target = steps[event.key]
    if (target === undefined || Number.isNaN(target) || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    goTo(target)
  }

  const spacer = (height: number) =>
    height > 0 && (
      <tr aria-hidden style={{ height }}>
        <td colSpan={visible.length} />
      </tr>
    )
  let end_px = 0
  return (
    <div className="rounded-lg border bg-card">
      <Table aria-label={label} aria-rowcount={total + 1}>
        <thead className="sticky top-14 z-10 bg-card shadow-[inset_0_-1px_0_var(--border)] [&_th:first-child]:rounded-tl-lg [&_th:last-child]:rounded-tr-lg">
          <tr aria-rowindex={1}>
            {visible.map(({ id }) => {
              const column = byId.get(id)
              return column && <HeadCell key={id} column={column} sort={sort} onSort={onSort} />
            })}
          </tr>
        </thead>
        <tbody
          ref={body}
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            const index = event.target.closest('tr')?.dataset.index
            if (index !== undefined) setFocused(Number(index))
          }}
          onBlur={() => setFocused(null)}
        >
          {drawn.map((item) => {
            const before_px = item.start - top_px - end_px
            end_px = item.end - top_px
            const row = model[item.index]
            return [
              spacer(before_px),
              <tr
                key={row?.id ?? item.index}
                data-index={item.index}
                aria-rowindex={item.index + 2}
                style={{ height: row_height_px }}
                className="border-b border-border/60 last:border-0 focus-within:bg-accent/50 hover:bg-muted/60"
              >
                {row
                  ? row.getVisibleCells().map((cell) => (
                      <TableCell key={cell.id} className={byId.get(cell.column.id)?.className}>
                        <table.FlexRender cell={cell} />
                      </TableCell>
                    ))
                  : visible.map(({ id }) => (
                      <TableCell key={id} className={byId.get(id)?.className}>
                        <Skeleton className="h-4 w-3/5" />
                      </TableCell>
                    ))}
              </tr>,
            ]
          })}
          {spacer(virtualizer.getTotalSize() - end_px)}
        </tbody>
      </Table>
    </div>
  )
}

function HeadCell<T>({
  column,
  sort,
  onSort,
}: {
  column: Column<T>
  sort: Sort
  onSort: (sort: Sort) => void
}) {
  const up = sort === column.sort
  const down = sort === `-${column.sort}`
  if (!column.sort) return <TableHead className={column.className}>{column.header}</TableHead>
  const Icon = up ? ArrowUp : down ? ArrowDown : ArrowUpDown
  return (
    <TableHead className={column.className} aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}>
      <button
        type="button"
        onClick={() => onSort(up ? `-${column.sort}` : (column.sort ?? ''))}
        className={cn(
          'group -ml-1 inline-flex items-center gap-1 rounded px-1 py-0.5 hover:text-foreground',
          (up || down) && 'text-foreground',
        )}
      >
        {column.header}
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

/** What a table looks like before its first rows are there: the same height of rows, so that nothing jumps. */
export function TableSkeleton({ rows = 12, row_height_px = 44 }: { rows?: number; row_height_px?: number }) {
  return (
    <div aria-hidden className="overflow-hidden rounded-lg border bg-card">
      <div className="h-9 border-b" />
      {Array.from({ length: rows }, (_, index) => (
        <div
          key={index}
          style={{ height: row_height_px }}
          className="flex items-center gap-6 border-b border-border/60 px-3 last:border-0"
        >
          <Skeleton className="h-4 w-1/3" />
          <Skeleton className="h-4 w-1/6" />
          <Skeleton className="h-4 w-1/4" />
        </div>
      ))}
    </div>
  )
}
