import { EntityLink } from '@/components/entity-link'
import { Card } from '@/components/page'
import { TeamChip } from '@/components/team-chip'
import { Table, TableCell, TableHead } from '@/components/ui/table'
import { type Graph, keyOfEdge } from '@/lib/graph'
import { relation_words } from '@/lib/graph-lines'

/** The same as the drawing, as a table of relations, nearest first: for screen readers, and for whoever reads lists. */
export function GraphList({
  graph,
  root,
  placeWord,
}: {
  graph: Graph
  root: string
  placeWord: (ref: string) => string | null
}) {
  const order = new Map(graph.nodes.map(({ ref }, index) => [ref, index]))
  const nodes = new Map(graph.nodes.map((node) => [node.ref, node]))
  const nearness = ({ from, to }: { from: string; to: string }) =>
    Math.min(order.get(from) ?? 0, order.get(to) ?? 0) * 1000 +
    Math.max(order.get(from) ?? 0, order.get(to) ?? 0)
  const edges = [...graph.edges].sort((one, other) => nearness(one) - nearness(other))
  if (edges.length === 0)
    return <p className="text-muted-foreground">Nothing that was read is connected to it.</p>
  const name = nodes.get(root)?.name ?? root
  return (
    <Card>
      <Table aria-label={`Relations around ${name}`}>
        <thead className="border-b">
          <tr>
            <TableHead>From</TableHead>
            <TableHead className="w-28">Relation</TableHead>
            <TableHead>To</TableHead>
            <TableHead className="hidden w-40 md:table-cell">Owner of that</TableHead>
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => {
            const to = nodes.get(edge.to)
            return (
              <tr key={keyOfEdge(edge)} className="h-10 border-b border-border/60 last:border-0">
                <TableCell>
                  <End entity={edge.from} name={nodes.get(edge.from)?.name} place={placeWord(edge.from)} />
                </TableCell>
                <TableCell className="text-muted-foreground">{relation_words[edge.type].forth}</TableCell>
                <TableCell>
                  <End entity={edge.to} name={to?.name} place={placeWord(edge.to)} />
                </TableCell>
                <TableCell className="hidden md:table-cell">
                  {to?.team ? <TeamChip team={to.team} /> : <span className="text-muted-foreground">–</span>}
                </TableCell>
              </tr>
            )
          })}
        </tbody>
      </Table>
    </Card>
  )
}

function End({ entity, name, place }: { entity: string; name: string | undefined; place: string | null }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <EntityLink entity={entity} name={name ?? entity} />
      {place && <span className="shrink-0 text-xs text-muted-foreground">{place}</span>}
    </span>
  )
}
