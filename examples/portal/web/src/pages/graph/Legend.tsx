import { iconOf } from '@/components/entity-link'
import { toggle_style } from '@/components/toggle-row'
import { cn } from '@/lib/cn'
import type { Graph, GraphEdge } from '@/lib/graph'
import { relation_words } from '@/lib/graph-lines'
import { count } from '@/lib/time'
import { line_styles } from './line-styles'

const types = ['service', 'resource', 'workload', 'team', 'product', 'environment'] as const
const words: Record<(typeof types)[number], string> = {
  service: 'Services',
  resource: 'Resources',
  workload: 'Workloads',
  team: 'Teams',
  product: 'Products',
  environment: 'Environments',
}

/** What the forms mean. A type can be left out by pressing it. */
export function Legend({
  graph,
  root,
  left_out,
  toggle,
}: {
  graph: Graph
  root: string
  left_out: readonly string[]
  toggle: (type: string) => void
}) {
  const relations = (Object.keys(relation_words) as GraphEdge['type'][]).filter((relation) =>
    graph.edges.some(({ type }) => type === relation),
  )
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-6 gap-y-3">
      <fieldset aria-label="Types that are shown" className="flex flex-wrap gap-1.5">
        {types.map((type) => {
          const n = graph.nodes.filter((node) => node.type === type && node.ref !== root).length
          const off = left_out.includes(type)
          if (n === 0 && !off) return null
          const Icon = iconOf(type)
          return (
            <button
              key={type}
              type="button"
              aria-pressed={!off}
              title={off ? `Show ${words[type].toLowerCase()}` : `Leave out ${words[type].toLowerCase()}`}
              onClick={() => toggle(type)}
              className={cn(toggle_style, off && 'border-dashed text-muted-foreground line-through')}
            >
              <Icon aria-hidden className="size-3.5" />
              {words[type]}
              <span className="text-muted-foreground tabular-nums">{count(n)}</span>
            </button>
          )
        })}
      </fieldset>
      <ul
        aria-label="What the lines mean"
        className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted-foreground"
      >
        {relations.map((relation) => {
          const { dash, width } = line_styles[relation]
          return (
            <li key={relation} className="inline-flex items-center gap-1.5">
              <svg aria-hidden width="28" height="8" className="shrink-0">
                <line
                  x1="0"
                  y1="4"
                  x2="28"
                  y2="4"
                  strokeWidth={width}
                  strokeDasharray={dash}
                  className="stroke-muted-foreground"
                />
              </svg>
              {relation_words[relation].forth}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
