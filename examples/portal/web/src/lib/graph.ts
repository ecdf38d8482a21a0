/** Pieces of the ownership graph: put together, and asked what hangs on what. */
import type { Schemas } from '@/api/client'

export type Graph = Schemas['Graph']
export type GraphNode = Schemas['GraphNode']
export type GraphEdge = Schemas['GraphEdge']

export const keyOfEdge = ({ from, type, to }: GraphEdge) => `${from}\n${type}\n${to}`

/** Several neighbourhoods as one graph. The first one is the asked one: its order stays. */
export function union(pieces: readonly Graph[]): Graph {
  const nodes = new Map<string, GraphNode>()
  const edges = new Map<string, GraphEdge>()
  let cut = false
  for (const piece of pieces) {
    for (const node of piece.nodes) if (!nodes.has(node.ref)) nodes.set(node.ref, node)
    for (const edge of piece.edges) edges.set(keyOfEdge(edge), edge)
    cut ||= piece.cut
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()], cut }
}

/** Without the nodes of some types, and without what nothing leads to any more. */
export function withoutTypes({ nodes, edges, cut }: Graph, types: ReadonlySet<string>, root: string): Graph {
  const left = nodes.filter(({ ref, type }) => ref === root || !types.has(type))
  const known = new Set(left.map(({ ref }) => ref))
  const kept = edges.filter(({ from, to }) => known.has(from) && known.has(to))
  const reached = reachedFrom(root, kept, bothWays)
  const there = left.filter(({ ref }) => reached.has(ref))
  return { nodes: there, edges: kept.filter(({ from, to }) => reached.has(from) && reached.has(to)), cut }
}

/** Where one can go from each node. */
export type Ways = Map<string, string[]>

export function bothWays({ from, to }: GraphEdge, ways: Ways) {
  way(ways, from, to)
  way(ways, to, from)
}

function way(ways: Ways, from: string, to: string) {
  const known = ways.get(from)
  if (known) known.push(to)
  else ways.set(from, [to])
}

/** The distance to everything that can be reached; `walk` says which ways an edge can be gone. */
function reachedFrom(
  root: string,
  edges: readonly GraphEdge[],
  walk: (edge: GraphEdge, ways: Ways) => void,
): Map<string, number> {
  const ways: Ways = new Map()
  for (const edge of edges) walk(edge, ways)
  const reached = new Map([[root, 0]])
  for (const [from, distance] of reached)
    for (const to of ways.get(from) ?? []) if (!reached.has(to)) reached.set(to, distance + 1)
  return reached
}

/** What would notice if something went away. */
export interface BlastRadius {
  /** What hangs on it directly, then what hangs on that, and so on. */
  rings: GraphNode[][]
  teams: string[]
  /** Whether there may be more than was asked for. */
  cut: boolean
}

/** Relations in which the one that they start from hangs on the one they lead to. */
const hangs_on: ReadonlySet<string> = new Set(['uses', 'depends_on', 'created_by'])

export function blastRadius({ nodes, edges, cut }: Graph, root: string): BlastRadius {
  const reached = reachedFrom(root, edges, ({ from, type, to }, ways) => {
    if (hangs_on.has(type)) way(ways, to, from)
  })
  const rings: GraphNode[][] = []
  const teams = new Set<string>()
  for (const node of nodes) {
    const distance = reached.get(node.ref) ?? 0
    if (distance === 0) continue
    for (let ring = rings.length; ring < distance; ring += 1) rings.push([])
    rings[distance - 1]?.push(node)
    if (node.team) teams.add(node.team)
  }
  for (const ring of rings) ring.sort((one, other) => one.name.localeCompare(other.name))
  return { rings, teams: [...teams].sort(), cut }
}
