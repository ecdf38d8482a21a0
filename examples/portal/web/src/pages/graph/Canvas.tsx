import { select } from 'd3-selection'
import { type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom'
import { Maximize, Minus, Plus } from 'lucide-react'
import { type KeyboardEvent, memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { iconOf } from '@/components/entity-link'
import { TeamMark } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import {
  type Graph,
  type GraphEdge,
  type GraphNode,
  keyOfEdge,
  type Layout,
  layout,
  nearest,
  node_size,
  type Point,
} from '@/lib/graph'
import { lineOf, relation_words } from '@/lib/graph-lines'
import { shortName } from '@/lib/refs'
import { line_styles } from './line-styles'

export type Expansion = 'fixed' | 'expanded' | 'collapsed'

const smallest = 0.15
/** Smaller than this nobody reads it. */
const readable = 0.5
const largest = 2
const margin_px = 28
/** With more lines at one node their words lie over each other; the legend says them, too. */
const most_words = 7

/**
 * The drawing. Nodes are buttons in the page, so that they are read, focused and pressed like any other; the lines are
 * a picture behind them. It is moved by dragging and zoomed by the wheel or two fingers; arrow keys go from node to
 * node. The API shows at most 500 nodes at once, which a browser draws without help.
 */
export function Canvas({
  graph,
  root,
  selected,
  expansionOf,
  press,
  placeWord,
}: {
  graph: Graph
  root: string
  selected: string
  expansionOf: (ref: string) => Expansion
  press: (ref: string) => void
  placeWord: (ref: string) => string | null
}) {
  const drawing = useMemo(() => layout(graph, root), [graph, root])
  const { box, inner, zoomBy, showAll, bringIntoView } = usePanAndZoom(drawing, selected, root)

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === '+' || event.key === '-' || event.key === '0') {
      event.preventDefault()
      if (event.key === '0') showAll()
      else zoomBy(event.key === '+' ? 1.25 : 0.8)
      return
    }
    const from = (event.target as HTMLElement).closest<HTMLElement>('[data-node]')?.dataset.node
    if (from === undefined) return
    const to = event.key === 'Home' ? root : nearest(drawing.places, from, event.key)
    if (to === null) return
    event.preventDefault()
    bringIntoView(to)
    inner.current
      ?.querySelector<HTMLElement>(`[data-node="${CSS.escape(to)}"]`)
      ?.focus({ preventScroll: true })
  }

  const has = graph.nodes.some((node) => node.ref === selected)
  return (
    <div className="relative h-104 sm:h-[clamp(24rem,70dvh,56rem)] overflow-hidden rounded-lg border bg-card">
      <section
        ref={box}
        aria-label="Graph. Arrow keys go from one to the next, Enter shows what is around it."
        onKeyDown={onKeyDown}
        className="absolute inset-0 cursor-grab touch-none overflow-hidden bg-[radial-gradient(var(--border)_1px,transparent_1px)] bg-size-[22px_22px] active:cursor-grabbing"
      >
        <div ref={inner} className="absolute top-0 left-0 origin-top-left will-change-transform">
          <Lines edges={graph.edges} drawing={drawing} selected={has ? selected : root} />
          {graph.nodes.map((node) => {
            const place = drawing.places.get(node.ref)
            return (
              place && (
                <Node
                  key={node.ref}
                  node={node}
                  x={place.x}
                  y={place.y}
                  is_root={node.ref === root}
                  is_selected={node.ref === selected}
                  tab_stop={node.ref === (has ? selected : root)}
                  expansion={expansionOf(node.ref)}
                  press={press}
                  place={placeWord(node.ref)}
                />
              )
            )
          })}
        </div>
      </section>
      <div className="absolute right-3 bottom-3 flex flex-col rounded-md border bg-card shadow-sm">
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Zoom in"
          title="Zoom in (+)"
          onClick={() => zoomBy(1.25)}
        >
          <Plus />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Zoom out"
          title="Zoom out (-)"
          onClick={() => zoomBy(0.8)}
        >
          <Minus />
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Show all of it"
          title="Show all of it (0)"
          onClick={() => showAll()}
        >
          <Maximize />
        </Button>
      </div>
    </div>
  )
}

function Node({
  node,
  x,
  y,
  is_root,
  is_selected,
  tab_stop,
  expansion,
  press,
  place,
}: {
  node: GraphNode
  x: number
  y: number
  is_root: boolean
  is_selected: boolean
  tab_stop: boolean
  expansion: Expansion
  press: (ref: string) => void
  place: string | null
}) {
  const Icon = iconOf(node.type)
  return (
    <button
      type="button"
      data-node={node.ref}
      tabIndex={tab_stop ? 0 : -1}
      aria-pressed={is_selected}
      aria-expanded={expansion === 'fixed' ? undefined : expansion === 'expanded'}
      title={node.ref}
      onClick={() => press(node.ref)}
      style={{
        width: node_size.width,
        height: node_size.height,
        transform: `translate(${x - node_size.width / 2}px, ${y - node_size.height / 2}px)`,
      }}
      className={cn(
        'absolute top-0 left-0 flex items-center gap-2.5 rounded-lg border bg-card px-2.5 text-left shadow-xs hover:border-input hover:bg-muted',
        node.type === 'service' && 'border-l-3 border-l-primary/60',
        is_root && 'border-2 border-primary',
        is_selected && 'border-primary bg-accent hover:border-primary hover:bg-accent',
      )}
    >
      {node.type === 'team' ? (
        <TeamMark team={shortName(node.ref)} />
      ) : (
        <Icon aria-hidden className="size-4.5 shrink-0 text-muted-foreground" strokeWidth={1.75} />
      )}
      <span className="min-w-0 flex-1">
        <span className={cn('block truncate text-xs font-semibold', is_selected && 'text-accent-foreground')}>
          {node.name}
          <span className="sr-only">, {node.type}</span>
        </span>
        <span className="block truncate text-2xs leading-3.5 text-muted-foreground">
          {[place ?? node.type, node.team].filter(Boolean).join(' · ')}
        </span>
      </span>
      {expansion !== 'fixed' &&
        (expansion === 'expanded' ? (
          <Minus aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
        ) : (
          <Plus aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
        ))}
    </button>
  )
}

/** Lines of what is selected come forward, with their words; the others step back. */
const Lines = memo(function Lines({
  edges,
  drawing,
  selected,
}: {
  edges: readonly GraphEdge[]
  drawing: Layout
  selected: string
}) {
  const lines = edges.flatMap((edge) => {
    const from = drawing.places.get(edge.from)
    const to = drawing.places.get(edge.to)
    return from && to ? [{ edge, ...lineOf(from, to) }] : []
  })
  const is_near = (edge: GraphEdge) => edge.from === selected || edge.to === selected
  const near_count = edges.filter(is_near).length
  return (
    <svg
      aria-hidden
      width={Math.max(1, drawing.width)}
      height={Math.max(1, drawing.height)}
      className="pointer-events-none absolute top-0 left-0 overflow-visible"
    >
      <defs>
        <marker
          id="graph-head"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M0.5,0.8 L7.5,4 L0.5,7.2 Z" className="fill-muted-foreground" />
        </marker>
        <marker
          id="graph-head-near"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M0.5,0.8 L7.5,4 L0.5,7.2 Z" className="fill-primary" />
        </marker>
      </defs>
      {lines.map(({ edge, path }) => {
        const near = is_near(edge)
        const { dash, width } = line_styles[edge.type]
        return (
          <path
            key={keyOfEdge(edge)}
            d={path}
            fill="none"
            strokeWidth={near ? width + 0.5 : width}
            strokeDasharray={dash}
            markerEnd={`url(#graph-head${near ? '-near' : ''})`}
            className={near ? 'stroke-primary' : 'stroke-muted-foreground opacity-45'}
          />
        )
      })}
      {lines.map(({ edge, middle }) =>
        is_near(edge) && near_count <= most_words ? (
          <text
            key={keyOfEdge(edge)}
            x={middle.x}
            y={middle.y - 4}
            textAnchor="middle"
            className="fill-muted-foreground stroke-card text-2xs [paint-order:stroke] [stroke-width:4px]"
          >
            {relation_words[edge.type].forth}
          </text>
        ) : null,
      )}
    </svg>
  )
})

/** Dragging, wheel and fingers, by d3; kept out of React, which would draw every node for each step. */
function usePanAndZoom(drawing: Layout, anchor: string, centre: string) {
  const box = useRef<HTMLElement>(null)
  const inner = useRef<HTMLDivElement>(null)
  const behaviour = useRef<ZoomBehavior<HTMLElement, unknown> | null>(null)
  const now = useRef<ZoomTransform>(zoomIdentity)
  const before = useRef<{ drawing: Layout; fitted: boolean } | null>(null)
  const latest = useRef(drawing)
  latest.current = drawing

  const moveTo = useCallback((transform: ZoomTransform) => {
    if (box.current && behaviour.current) behaviour.current.transform(select(box.current), transform)
  }, [])

  const showAll = useCallback(
    (at_least = smallest) => {
      const element = box.current
      if (!element) return
      const { width, height, places } = latest.current
      const { clientWidth, clientHeight } = element
      const fitting = Math.min(
        1,
        (clientWidth - 2 * margin_px) / Math.max(1, width),
        (clientHeight - 2 * margin_px) / Math.max(1, height),
      )
      const scale = Math.max(at_least, fitting)
      // Where not all of it can be read at once, it begins with what was asked for.
      const middle = (scale > fitting && places.get(centre)) || { x: width / 2, y: height / 2 }
      moveTo(
        zoomIdentity
          .translate(clientWidth / 2 - middle.x * scale, clientHeight / 2 - middle.y * scale)
          .scale(scale),
      )
    },
    [moveTo, centre],
  )

  useEffect(() => {
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
    showAll(readable)
    // Until somebody moves it, it follows the window.
    const observer = new ResizeObserver(() => {
      if (before.current?.fitted) showAll(readable)
    })
    observer.observe(element)
    const touched = () => {
      if (before.current) before.current.fitted = false
    }
    element.addEventListener('pointerdown', touched)
    element.addEventListener('wheel', touched, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('pointerdown', touched)
      element.removeEventListener('wheel', touched)
      select(element).on('.zoom', null)
    }
  }, [showAll])

  // What was pressed stays where it is while everything else makes room.
  useLayoutEffect(() => {
    const last = before.current
    before.current = { drawing, fitted: last?.fitted ?? true }
    if (!last || last.drawing === drawing) return
    const was: Point | undefined = last.drawing.places.get(anchor)
    const is = drawing.places.get(anchor)
    if (!was || !is) return showAll(readable)
    before.current.fitted = false
    moveTo(now.current.translate(was.x - is.x, was.y - is.y))
  }, [drawing, anchor, showAll, moveTo])

  const zoomBy = useCallback((factor: number) => {
    if (!box.current || !behaviour.current) return
    if (before.current) before.current.fitted = false
    behaviour.current.scaleBy(select(box.current), factor)
  }, [])

  const bringIntoView = useCallback(
    (ref: string) => {
      const place = latest.current.places.get(ref)
      const element = box.current
      if (!place || !element) return
      const [x, y] = now.current.apply([place.x, place.y])
      const half = {
        x: (node_size.width / 2) * now.current.k + 12,
        y: (node_size.height / 2) * now.current.k + 12,
      }
      const shift = (at: number, half_px: number, size_px: number) =>
        at < half_px ? half_px - at : at > size_px - half_px ? size_px - half_px - at : 0
      const dx = shift(x, half.x, element.clientWidth)
      const dy = shift(y, half.y, element.clientHeight)
      if (dx !== 0 || dy !== 0) moveTo(now.current.translate(dx / now.current.k, dy / now.current.k))
    },
    [moveTo],
  )

  return { box, inner, zoomBy, showAll, bringIntoView }
}
