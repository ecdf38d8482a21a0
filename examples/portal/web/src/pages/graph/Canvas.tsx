import { Maximize, Minus, Plus } from 'lucide-react'
import { type KeyboardEvent, memo, useMemo, useRef } from 'react'
import { iconOf } from '@/components/entity-link'
import { TeamMark } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { type Graph, type GraphEdge, type GraphNode, keyOfEdge } from '@/lib/graph'
import { type Layout, layout, nearest, node_size } from '@/lib/graph-layout'
import { lineOf, relation_words } from '@/lib/graph-lines'
import { shortName } from '@/lib/refs'
import { line_styles } from './line-styles'
import { usePanAndZoom, useRoom } from './use-pan-and-zoom'

export type Expansion = 'fixed' | 'expanded' | 'collapsed'

/** With more lines at one node their words lie over each other; the legend says them, too. */
const most_words = 7
const letters_of_a_line = 17

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
  const box = useRef<HTMLElement>(null)
  const room = useRoom(box)
  const drawing = useMemo(() => layout(graph, root, room), [graph, root, room])
  const { inner, zoomBy, showAll, bringIntoView } = usePanAndZoom({
    box,
    room,
    graph,
    drawing,
    anchor: selected,
    centre: root,
  })

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
    <div className="relative flex h-112 flex-col overflow-hidden rounded-lg border bg-card sm:h-[clamp(37.5rem,100dvh-16rem,58rem)]">
      <section
        ref={box}
        aria-label="Graph. Arrow keys go from one to the next, Enter shows what is around it."
        onKeyDown={onKeyDown}
        className="relative min-h-0 flex-1 cursor-grab touch-none overflow-hidden bg-[radial-gradient(var(--border)_1px,transparent_1px)] bg-size-[22px_22px] active:cursor-grabbing"
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
      {/* Below the drawing: above it they would cover what stands in the corner. */}
      <div className="flex items-center justify-end border-t px-1">
        <p className="mr-auto hidden px-3 text-xs text-muted-foreground sm:block">
          Drag to move, scroll to zoom. A press shows what is around a thing.
        </p>
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
  // Namesakes of several places differ in the second line. Where it says no place, the end of the name is worth more.
  const has_two_lines = place === null && node.name.length > letters_of_a_line
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
        'absolute top-0 left-0 flex items-center gap-2 rounded-lg border bg-card px-2 text-left shadow-xs hover:border-input hover:bg-muted',
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
        <span
          className={cn(
            'block text-[0.9375rem] font-semibold tracking-tight',
            has_two_lines ? 'line-clamp-2 leading-4.25 wrap-anywhere' : 'truncate leading-4.5',
            is_selected && 'text-accent-foreground',
          )}
        >
          {node.name}
          <span className="sr-only">
            , {node.type}
            {has_two_lines && node.team && ` · ${node.team}`}
          </span>
        </span>
        {!has_two_lines && (
          <span className="block truncate text-sm leading-4.5 text-muted-foreground">
            {[place ?? node.type, node.team].filter(Boolean).join(' · ')}
          </span>
        )}
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
        is_near(edge) && near_count <= most_words && drawing.roomy ? (
          <text
            key={keyOfEdge(edge)}
            x={middle.x}
            y={middle.y - 4}
            textAnchor="middle"
            className="fill-muted-foreground stroke-card text-sm [paint-order:stroke] [stroke-width:4px]"
          >
            {relation_words[edge.type].forth}
          </text>
        ) : null,
      )}
    </svg>
  )
})
