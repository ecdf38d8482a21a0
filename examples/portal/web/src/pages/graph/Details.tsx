import { ArrowUpRight, Crosshair, Minus, Plus } from 'lucide-react'
import { Link } from 'wouter'
import { Copyable } from '@/components/copyable'
import { iconOf } from '@/components/entity-link'
import { TeamChip } from '@/components/team-chip'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import type { Graph, GraphNode } from '@/lib/graph'
import { relation_words } from '@/lib/graph-lines'
import { pathOf } from '@/lib/refs'
import { count } from '@/lib/time'
import type { Expansion } from './Canvas'

/** What is selected: where its page is, what can be done, and what it is connected to. */
export function Details({
  node,
  graph,
  is_root,
  expansion,
  toggle,
  start,
  choose,
  placeWord,
}: {
  node: GraphNode
  graph: Graph
  is_root: boolean
  expansion: Expansion
  toggle: () => void
  start: () => void
  choose: (ref: string) => void
  placeWord: (ref: string) => string | null
}) {
  const path = pathOf(node.ref)
  const Icon = iconOf(node.type)
  const names = new Map(graph.nodes.map(({ ref, name }) => [ref, name]))
  const groups = new Map<string, string[]>()
  for (const { from, type, to } of graph.edges) {
    if (from !== node.ref && to !== node.ref) continue
    const forth = from === node.ref
    const word = relation_words[type][forth ? 'forth' : 'back']
    groups.set(word, [...(groups.get(word) ?? []), forth ? to : from])
  }
  return (
    <aside
      aria-label="Selected"
      className="max-h-[clamp(37.5rem,100dvh-16rem,58rem)] min-w-0 overflow-y-auto rounded-lg border bg-card p-4"
    >
      <h2 className="flex items-start gap-2 text-base font-semibold tracking-tight">
        <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-muted-foreground" strokeWidth={1.75} />
        <span className="min-w-0 wrap-anywhere">{node.name}</span>
      </h2>
      <p className="mt-1.5 flex flex-wrap items-center gap-2">
        <Badge tone="outline">{node.type}</Badge>
        {node.team && <TeamChip team={node.team} />}
      </p>
      <Copyable text={node.ref} className="mt-1.5" />
      <div className="mt-3 flex flex-wrap gap-2">
        {path && (
          <Button size="sm" variant="outline" asChild>
            <Link href={path}>
              <ArrowUpRight aria-hidden /> Open
            </Link>
          </Button>
        )}
        {!is_root && (
          <Button size="sm" variant="outline" onClick={start}>
            <Crosshair aria-hidden /> Start here
          </Button>
        )}
        {expansion !== 'fixed' && (
          <Button size="sm" variant="outline" onClick={toggle}>
            {expansion === 'expanded' ? (
              <>
                <Minus aria-hidden /> Collapse
              </>
            ) : (
              <>
                <Plus aria-hidden /> Expand
              </>
            )}
          </Button>
        )}
      </div>
      {[...groups].map(([word, refs]) => (
        <section key={word} aria-label={word} className="mt-4">
          <h3 className="mb-1 flex justify-between text-xs font-medium text-muted-foreground">
            {word} <span className="tabular-nums">{count(refs.length)}</span>
          </h3>
          <ul>
            {refs.map((ref) => {
              const Other = iconOf(ref.slice(0, ref.indexOf(':')))
              return (
                <li key={ref}>
                  <button
                    type="button"
                    onClick={() => choose(ref)}
                    title={ref}
                    className="-mx-1.5 flex min-h-8 w-[calc(100%+0.75rem)] items-center gap-2 rounded-md px-1.5 text-left hover:bg-muted"
                  >
                    <Other aria-hidden className="size-4 shrink-0 text-muted-foreground" />
                    <span className="min-w-0 flex-1 truncate">{names.get(ref) ?? ref}</span>
                    <span className="shrink-0 text-xs text-muted-foreground">{placeWord(ref)}</span>
                  </button>
                </li>
              )
            })}
          </ul>
        </section>
      ))}
      {groups.size === 0 && (
        <p className="mt-4 text-muted-foreground">Nothing that was read is connected to it.</p>
      )}
    </aside>
  )
}
