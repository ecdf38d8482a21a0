import { select } from 'd3-selection'
import { type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom'
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Graph } from '@/lib/graph'
import { type Layout, node_size, readable, type Size, viewOf } from '@/lib/graph-layout'

const smallest = 0.15
const largest = 2

/** How large the box is, before anything is drawn in it and whenever that changes. */
export function useRoom(box: RefObject<HTMLElement | null>): Size {
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element
      setRoom((before) => (before.width === width && before.height === height ? before : { width, height }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return room
}

interface Watched {
  box: RefObject<HTMLElement | null>
  room: Size
  graph: Graph
  drawing: Layout
  /** What stays where it is when the drawing becomes another one. */
  anchor: string
  /** What is seen at first where not all of it can be read at once. */
  centre: string
}

/** Dragging, wheel and fingers, by d3; kept out of React, which would draw every node for each step. */
export function usePanAndZoom(watched: Watched) {
  const { box, room, graph, drawing, anchor, centre } = watched
  const inner = useRef<HTMLDivElement>(null)
  const behaviour = useRef<ZoomBehavior<HTMLElement, unknown> | null>(null)
  const now = useRef<ZoomTransform>(zoomIdentity)
  /** Until somebody moves it, it follows the window. */
  const moved = useRef(false)
  const before = useRef<Pick<Watched, 'graph' | 'drawing'> | null>(null)
  const latest = useRef(watched)
  latest.current = watched

  const moveTo = useCallback(
    (transform: ZoomTransform) => {
      if (box.current && behaviour.current) behaviour.current.transform(select(box.current), transform)
    },
    [box],
  )

  const showAll = useCallback(
    (at_least = smallest) => {
      const { drawing, centre, room } = latest.current
      const { x, y, scale } = viewOf(drawing, centre, room, at_least)
      moveTo(zoomIdentity.translate(x, y).scale(scale))
    },
    [moveTo],
  )

  // Before the effect below, which moves with it.
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const made = zoom<HTMLElement, unknown>()
      .scaleExtent([smallest, largest])
      .on('zoom', ({ transform }: { transform: ZoomTransform }) => {
        now.current = transform
        if (inner.current)
          inner.current.style.transform = transform
            .toString()
            .replace(/translate\(([^,]+),([^)]+)\)/, 'translate($1px,$2px)')
      })
    behaviour.current = made
    select(element).call(made).on('dblclick.zoom', null)
    return () => void select(element).on('.zoom', null)
  }, [box])

  useEffect(() => {
    const element = box.current
    const touched = () => {
      moved.current = true
    }
    element?.addEventListener('pointerdown', touched)
    element?.addEventListener('wheel', touched, { passive: true })
    return () => {
      element?.removeEventListener('pointerdown', touched)
      element?.removeEventListener('wheel', touched)
    }
  }, [box])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a centre that is another one begins anew
  useLayoutEffect(() => {
    const last = before.current
    if (room.width === 0 || last?.drawing === drawing) return
    before.current = { graph, drawing }
    const was = last?.drawing.places.get(anchor)
    const is = drawing.places.get(anchor)
    if (!was || !is || (last?.graph === graph && !moved.current)) return showAll(readable)
    // What was pressed stays where it is while everything else makes room.
    moved.current = true
    moveTo(now.current.translate(was.x - is.x, was.y - is.y))
  }, [graph, drawing, room, anchor, centre, showAll, moveTo])

  const zoomBy = useCallback(
    (factor: number) => {
      if (!box.current || !behaviour.current) return
      moved.current = true
      behaviour.current.scaleBy(select(box.current), factor)
    },
    [box],
  )

  const bringIntoView = useCallback(
    (ref: string) => {
      const { drawing, room } = latest.current
      const place = drawing.places.get(ref)
      if (!place) return
      const [x, y] = now.current.apply([place.x, place.y])
      const half = {
        x: (node_size.width / 2) * now.current.k + 12,
        y: (node_size.height / 2) * now.current.k + 12,
      }
      const shift = (at: number, half_px: number, size_px: number) =>
        at < half_px ? half_px - at : at > size_px - half_px ? size_px - half_px - at : 0
      const dx = shift(x, half.x, room.width)
      const dy = shift(y, half.y, room.height)
      if (dx === 0 && dy === 0) return
      moved.current = true
      moveTo(now.current.translate(dx / now.current.k, dy / now.current.k))
    },
    [moveTo],
  )

  return { inner, zoomBy, showAll, bringIntoView }
}
