import {
  columnVisibilityFeature,
  createColumnHelper,
  flexRender,
  type Row,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { HeadCell, type Sort } from './head-cell'
import { Skeleton } from './ui/skeleton'
import { Table, TableCell } from './ui/table'

/** A column of a list. One cell of each row holds the row's link, marked with `row_link`. */
export interface Column<T> {
  id: string
  header: string
  cell: (row: T) => ReactNode
  /** The API's name of this order; without it the column cannot be sorted by. */
  sort?: string
  /** Its header is for screen readers only: a column of buttons. */
  quiet?: true
  /** Its width, as a class; without it, it shares what is left. */
  className?: string
  /** It is there where the table is at least this wide. */
  from_px?: number
}

/** Spread on the link of a row that arrow keys go to. */
export const row_link = { 'data-row-link': '' } as const

export interface DataTableProps<T extends object> {
  label: string
  /** The same array in every render, or every row is drawn again. */
  columns: readonly Column<T>[]
  /** Columns that a person does not want to see, by id. */
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
type Features = typeof features

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
  const box = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  const [place, setPlace] = useState({ top_px: 0, width_px: 0 })
  useLayoutEffect(() => {
    const measure = () => {
      if (!box.current || !body.current) return
      const top_px = body.current.getBoundingClientRect().top + scrollY
      const width_px = box.current.clientWidth
      setPlace((before) =>
        before.top_px === top_px && before.width_px === width_px ? before : { top_px, width_px },
      )
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    if (box.current) observer.observe(box.current)
    return () => observer.disconnect()
  }, [])

  const [focused, setFocused] = useState<number | null>(null)
  // Before the place is known, nobody knows which columns there are, nor where rows begin: all of it would be done twice.
  const virtualizer = useWindowVirtualizer({
    count: place.width_px === 0 ? 0 : total,
    estimateSize: () => row_height_px,
    overscan: 8,
    scrollMargin: place.top_px,
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

  const definitions = useMemo(() => {
    const helper = createColumnHelper<Features, T>()
    return columns.map(({ id, header, cell }) =>
      helper.display({ id, header, cell: ({ row }) => cell(row.original) }),
    )
  }, [columns])
  const hidden_ids = hidden.join()
  const { shown, columnVisibility } = useMemo(() => {
    const seen = ({ id, from_px = 0 }: Column<T>) =>
      !hidden_ids.split(',').includes(id) && place.width_px >= from_px
    return {
      shown: columns.filter(seen),
      columnVisibility: Object.fromEntries(columns.map((column) => [column.id, seen(column)])),
    }
  }, [columns, hidden_ids, place.width_px])
  const table = useTable({
    features,
    columns: definitions,
    // Only what is drawn: a model of all rows would be made anew with each page that comes.
    data: drawn.flatMap(({ index }) => rows[index] ?? []),
    getRowId: keyOf,
    state: { columnVisibility },
  })
  const model = new Map(table.getRowModel().rows.map((row) => [row.original, row]))

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

  let end_px = 0
  return (
    <div ref={box} className="@container rounded-lg border bg-card">
      <Table aria-label={label} aria-rowcount={total + 1}>
        <thead className="sticky top-14 z-10 bg-card shadow-[inset_0_-1px_0_var(--border)] [&_th:first-child]:rounded-tl-lg [&_th:last-child]:rounded-tr-lg">
          <tr aria-rowindex={1}>
            {shown.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
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
          {drawn.flatMap((item) => {
            const before_px = item.start - place.top_px - end_px
            end_px = item.end - place.top_px
            const original = rows[item.index]
            const row = original && model.get(original)
            return [
              <Spacer key={`before ${item.index}`} height_px={before_px} />,
              <BodyRow
                key={row?.id ?? item.index}
                index={item.index}
                height_px={row_height_px}
                row={row as Row<Features, object> | undefined}
                columns={shown}
              />,
            ]
          })}
          <Spacer height_px={virtualizer.getTotalSize() - end_px} />
        </tbody>
      </Table>
    </div>
  )
}

function Spacer({ height_px }: { height_px: number }) {
  if (height_px <= 0) return null
  return (
    <tr aria-hidden style={{ height: height_px }}>
      <td />
    </tr>
  )
}

interface BodyRowProps {
  index: number
  height_px: number
  /** Undefined until it has come. */
  row: Row<Features, object> | undefined
  columns: readonly { id: string; className?: string }[]
}

/** Drawn again only when the thing itself is another one, not for each step of scrolling. */
const BodyRow = memo(
  function BodyRow({ index, height_px, row, columns }: BodyRowProps) {
    const cells = row?.getVisibleCells()
    return (
      <tr
        data-index={index}
        aria-rowindex={index + 2}
        style={{ height: height_px }}
        className="border-b border-border/60 last:border-0 focus-within:bg-accent/50 hover:bg-muted/60"
      >
        {columns.map(({ id, className }, column) => {
          const cell = cells?.[column]
          return (
            <TableCell key={id} className={className}>
              {cell ? (
                flexRender(cell.column.columnDef.cell, cell.getContext())
              ) : (
                <Skeleton className="h-4 w-3/5" />
              )}
            </TableCell>
          )
        })}
      </tr>
    )
  },
  (before, after) =>
    before.row?.original === after.row?.original &&
    before.index === after.index &&
    before.columns === after.columns &&
    before.height_px === after.height_px,
)

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
