import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from 'react'

const gap_px = 12

/** Cards, as many beside each other as fit, each row of one height; only those near the window are drawn. */
export function VirtualGrid<T>({
  items,
  total,
  more,
  keyOf,
  card,
  skeleton,
  min_width_px,
  heightOf,
  label,
}: {
  items: readonly T[]
  /** How many there are in all; for those that are not there yet a skeleton is drawn, and `more` is called. */
  total: number
  more: () => void
  keyOf: (item: T) => string
  /** Is told what else stands in its row. */
  card: (item: T, row: readonly T[]) => ReactNode
  skeleton: ReactNode
  min_width_px: number
  /** Pixels of a row with these; of those that are not there yet, without any. */
  heightOf: (row: readonly T[]) => number
  label: string
}) {
  const box = useRef<HTMLUListElement>(null)
  const [columns, setColumns] = useState(1)
  const [top_px, setTop] = useState(0)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => {
      setColumns(Math.max(1, Math.floor((element.clientWidth + gap_px) / (min_width_px + gap_px))))
      setTop(element.getBoundingClientRect().top + scrollY)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [min_width_px])

  const cards = useMemo(() => {
    const of = (index: number) => items.slice(index * columns, (index + 1) * columns)
    return Array.from({ length: Math.ceil(items.length / columns) }, (_, index) => of(index))
  }, [items, columns])
  const virtualizer = useWindowVirtualizer({
    count: Math.ceil(total / columns),
    estimateSize: (index) => heightOf(cards[index] ?? []) + gap_px,
    overscan: 4,
    scrollMargin: top_px,
  })
  // It keeps the heights that it was told once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other cards have other heights
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, cards])
  const rows = virtualizer.getVirtualItems()
  const last = (rows.at(-1)?.index ?? 0) * columns + columns
  useLayoutEffect(() => {
    if (last > items.length && items.length < total) more()
  }, [last, items.length, total, more])

  return (
    <ul
      ref={box}
      aria-label={label}
      className="relative"
      style={{ height: Math.max(0, virtualizer.getTotalSize() - gap_px) }}
    >
      {rows.flatMap((row) =>
        Array.from({ length: columns }, (_, column) => {
          const index = row.index * columns + column
          if (index >= total) return null
          const item = items[index]
          return (
            <li
              key={item ? keyOf(item) : index}
              aria-setsize={total}
              aria-posinset={index + 1}
              className="absolute"
              style={{
                top: row.start - top_px,
                height: row.size - gap_px,
                left: `calc((100% + ${gap_px}px) / ${columns} * ${column})`,
                width: `calc((100% + ${gap_px}px) / ${columns} - ${gap_px}px)`,
              }}
            >
              {item ? card(item, cards[row.index] ?? []) : skeleton}
            </li>
          )
        }),
      )}
    </ul>
  )
}
