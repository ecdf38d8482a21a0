import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'

const gap_px = 12

/** Cards of one height, as many beside each other as fit; only those near the window are drawn. */
export function VirtualGrid<T>({
  items,
  total,
  more,
  keyOf,
  card,
  skeleton,
  min_width_px,
  height_px,
  label,
}: {
  items: readonly T[]
  /** How many there are in all; for those that are not there yet a skeleton is drawn, and `more` is called. */
  total: number
  more: () => void
  keyOf: (item: T) => string
  card: (item: T) => ReactNode
  skeleton: ReactNode
  min_width_px: number
  height_px: number
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

  const virtualizer = useWindowVirtualizer({
    count: Math.ceil(total / columns),
    estimateSize: () => height_px + gap_px,
    overscan: 4,
    scrollMargin: top_px,
  })
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
                height: height_px,
                left: `calc((100% + ${gap_px}px) / ${columns} * ${column})`,
                width: `calc((100% + ${gap_px}px) / ${columns} - ${gap_px}px)`,
              }}
            >
              {item ? card(item) : skeleton}
            </li>
          )
        }),
      )}
    </ul>
  )
}
