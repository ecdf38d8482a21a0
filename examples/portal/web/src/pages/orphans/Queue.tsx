import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useRef } from 'react'
import { isResource, type Thing } from '@/api/settle'
import { OwnershipBadge } from '@/components/ownership-badge'
import { StaleMark } from '@/components/states'
import { Skeleton } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'

const row_height_px = 62

/** What is left to settle. One row is looked at; it is the one that Tab goes to. */
export function Queue({
  label,
  things,
  total,
  at,
  follow,
  go,
  more,
}: {
  label: string
  things: readonly Thing[]
  total: number
  at: string | null
  /** Whether the row that is looked at takes the focus; it is reset when it has. */
  follow: RefObject<boolean>
  go: (ref: string) => void
  more: () => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => box.current,
    estimateSize: () => row_height_px,
    overscan: 6,
  })
  const rows = virtualizer.getVirtualItems()
  const last = rows.at(-1)?.index ?? 0
  useEffect(() => {
    if (last + 20 > things.length && things.length < total) more()
  }, [last, things.length, total, more])

  const index = things.findIndex(({ ref }) => ref === at)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the one that is looked at, not the row it stands in
  useEffect(() => {
    if (index < 0) return
    virtualizer.scrollToIndex(index)
    if (!follow.current) return
    follow.current = false
    // Two frames: one to scroll, one to draw; and a dialog that closes gives its focus back first.
    const timer = setTimeout(() => {
      if (document.querySelector('[role=dialog]')) return
      box.current
        ?.querySelector<HTMLElement>(`[data-index="${index}"] button`)
        ?.focus({ preventScroll: true })
    }, 60)
    return () => clearTimeout(timer)
  }, [at])

  return (
    <div
      ref={box}
      className="max-h-[26rem] overflow-y-auto overscroll-contain rounded-lg border bg-card lg:max-h-[calc(100dvh-17rem)] lg:min-h-80"
    >
      <ul aria-label={label} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map((row) => {
          const thing = things[row.index]
          return (
            <li
              key={thing?.ref ?? row.index}
              data-index={row.index}
              aria-setsize={total}
              aria-posinset={row.index + 1}
              className="absolute inset-x-0 border-b border-border/60"
              style={{ top: row.start, height: row_height_px }}
            >
              {thing ? (
                <Row thing={thing} here={thing.ref === at} first={index < 0 && row.index === 0} go={go} />
              ) : (
                <div className="flex h-full flex-col justify-center gap-2 px-4">
                  <Skeleton className="h-4 w-2/3" />
                  <Skeleton className="h-3 w-1/3" />
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Row({
  thing,
  here,
  first,
  go,
}: {
  thing: Thing
  here: boolean
  first: boolean
  go: (ref: string) => void
}) {
  const where = isResource(thing)
    ? [thing.type, thing.environment ?? thing.account, thing.region]
    : [thing.namespace, ...thing.environments]
  return (
    <button
      type="button"
      data-triage-row
      tabIndex={here || first ? 0 : -1}
      aria-current={here ? 'true' : undefined}
      onClick={() => go(thing.ref)}
      className={cn(
        'flex h-full w-full items-center gap-3 border-l-3 border-transparent px-4 pl-3.5 text-left -outline-offset-2 hover:bg-muted',
        here && 'border-primary bg-accent hover:bg-accent',
      )}
    >
      <span className="min-w-0 flex-1">
        <span
          className={cn('block truncate font-medium', here && 'text-accent-foreground')}
          title={thing.ref}
        >
          {thing.display_name}
        </span>
        <span className="block truncate text-xs text-muted-foreground">
          {where.filter(Boolean).join(' · ')}
        </span>
      </span>
      {thing.stale && <StaleMark />}
      <OwnershipBadge state={thing.ownership} />
    </button>
  )
}
