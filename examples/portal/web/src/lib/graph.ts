/** Pieces of the ownership graph: put together, laid out, and asked what hangs on what. */
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

type Ways = Map<string, string[]>

function bothWays({ from, to }: GraphEdge, ways: Ways) {
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

export interface Point {
  x: number
  y: number
}

export interface Layout {
  /** The middle of each node. */
  places: Map<string, Point>
  width: number
  height: number
}

export const node_size = { width: 184, height: 46 }
const gap = { column: 88, lane: 26, row: 10, band: 52 }
/** So many nodes stand below each other before the next lane begins. */
const lane_length = 14

/** What people belong to stands above what runs: everything is near to everything over it. */
const organisation: ReadonlySet<string> = new Set(['team', 'product', 'environment'])

/**
 * Places from left to right: what hangs on the root at its left, the root, what it hangs on at its right, one column
 * for each step. Teams, products and environments are a band above. The same graph has the same places always.
 */
export function layout({ nodes, edges }: Graph, root: string): Layout {
  const by_ref = new Map(nodes.map((node) => [node.ref, node]))
  const neighbours: Ways = new Map()
  for (const edge of edges) bothWays(edge, neighbours)
  const is_band = (ref: string) => ref !== root && organisation.has(by_ref.get(ref)?.type ?? '')

  const columns = new Map<number, string[]>()
  const column_of = columnsFrom(root, edges, is_band)
  // What is reached over a team only: at the side of what hangs on it.
  for (const { ref } of nodes) if (!is_band(ref) && !column_of.has(ref)) column_of.set(ref, -1)
  for (const [ref, column] of column_of) {
    if (!by_ref.has(ref)) continue
    const known = columns.get(column)
    if (known) known.push(ref)
    else columns.set(column, [ref])
  }

  const places = new Map<string, Point>()
  const numbers = [...columns.keys()].sort((one, other) => Math.abs(one) - Math.abs(other) || one - other)
  // The outer edges of what is placed so far, at the left and at the right.
  let left = 0
  let right = 0
  for (const number of numbers) {
    const members = columns.get(number) ?? []
    const order = new Map(members.map((ref) => [ref, heightOf(ref, neighbours, places)]))
    members.sort(
      (one, other) =>
        (order.get(one) ?? 0) - (order.get(other) ?? 0) || byTypeAndName(by_ref.get(one), by_ref.get(other)),
    )
    const lanes = Math.ceil(members.length / lane_length)
    const per_lane = Math.ceil(members.length / lanes)
    const width = lanes * node_size.width + (lanes - 1) * gap.lane
    const start = number === 0 ? -width / 2 : number < 0 ? left - gap.column - width : right + gap.column
    if (number <= 0) left = start
    if (number >= 0) right = start + width
    members.forEach((ref, index) => {
      const lane = Math.floor(index / per_lane)
      const in_lane = Math.min(per_lane, members.length - lane * per_lane)
      // Lanes grow away from the root, so that its nearest is the first one.
      const step = lane * (node_size.width + gap.lane) + node_size.width / 2
      const x = number < 0 ? start + width - step : start + step
      const y = ((index % per_lane) - (in_lane - 1) / 2) * (node_size.height + gap.row)
      places.set(ref, { x, y })
    })
  }
  placeBand(
    nodes.filter(({ ref }) => is_band(ref)),
    neighbours,
    places,
  )
  return framed(places)
}

function columnsFrom(root: string, edges: readonly GraphEdge[], is_band: (ref: string) => boolean) {
  const ways = new Map<string, [ref: string, step: number][]>()
  const add = (from: string, to: string, step: number) => {
    const known = ways.get(from)
    if (known) known.push([to, step])
    else ways.set(from, [[to, step]])
  }
  for (const { from, to } of edges) {
    if (is_band(from) || is_band(to)) continue
    add(from, to, 1)
    add(to, from, -1)
  }
  const columns = new Map([[root, 0]])
  for (const [from, column] of columns)
    for (const [to, step] of ways.get(from) ?? []) if (!columns.has(to)) columns.set(to, column + step)
  return columns
}

/** The mean height of those neighbours that have a place: who belongs together stands together. */
function heightOf(ref: string, neighbours: Ways, places: Map<string, Point>) {
  const heights = (neighbours.get(ref) ?? []).flatMap((near) => places.get(near)?.y ?? [])
  return heights.length === 0 ? 0 : heights.reduce((sum, y) => sum + y, 0) / heights.length
}

const type_order = ['service', 'workload', 'resource']

function byTypeAndName(one: GraphNode | undefined, other: GraphNode | undefined) {
  if (!one || !other) return 0
  const type = type_order.indexOf(one.type) - type_order.indexOf(other.type)
  return type || one.name.localeCompare(other.name) || one.ref.localeCompare(other.ref)
}

function placeBand(band: readonly GraphNode[], neighbours: Ways, places: Map<string, Point>) {
  if (band.length === 0) return
  const all = [...places.values()]
  const top = Math.min(...all.map(({ y }) => y)) - node_size.height - gap.band
  const middle = (ref: string) => {
    const xs = (neighbours.get(ref) ?? []).flatMap((near) => places.get(near)?.x ?? [])
    return xs.length === 0 ? 0 : xs.reduce((sum, x) => sum + x, 0) / xs.length
  }
  const order = band
    .map((node) => ({ node, x: middle(node.ref) }))
    .sort((one, other) => one.x - other.x || byTypeAndName(one.node, other.node))
  const span = Math.max(...all.map(({ x }) => x)) - Math.min(...all.map(({ x }) => x))
  const step = node_size.width + gap.lane
  const per_row = Math.max(4, Math.floor(span / step) + 1)
  const centre = (Math.max(...all.map(({ x }) => x)) + Math.min(...all.map(({ x }) => x))) / 2
  order.forEach(({ node }, index) => {
    const row = Math.floor(index / per_row)
    const in_row = Math.min(per_row, order.length - row * per_row)
    const x = centre + ((index % per_row) - (in_row - 1) / 2) * step
    places.set(node.ref, { x, y: top - row * (node_size.height + gap.row) })
  })
}

/** Moved so that the upper left corner of everything is at nought. */
function framed(places: Map<string, Point>): Layout {
  const all = [...places.values()]
  if (all.length === 0) return { places, width: 0, height: 0 }
  const left = Math.min(...all.map(({ x }) => x)) - node_size.width / 2
  const top = Math.min(...all.map(({ y }) => y)) - node_size.height / 2
  const moved = new Map([...places].map(([ref, { x, y }]) => [ref, { x: x - left, y: y - top }]))
  return {
    places: moved,
    width: Math.max(...all.map(({ x }) => x)) - left + node_size.width / 2,
    height: Math.max(...all.map(({ y }) => y)) - top + node_size.height / 2,
  }
}

/** The node that an arrow key leads to: the nearest one in that direction. */
export function nearest(places: Map<string, Point>, from: string, key: string): string | null {
  const start = places.get(from)
  const directions: Record<string, Point> = {
    ArrowLeft: { x: -1, y: 0 },
    ArrowRight: { x: 1, y: 0 },
    ArrowUp: { x: 0, y: -1 },
    ArrowDown: { x: 0, y: 1 },
  }
  const direction = directions[key]
  if (!start || !direction) return null
  let best: string | null = null
  let best_cost = Number.POSITIVE_INFINITY
  for (const [ref, { x, y }] of places) {
    if (ref === from) continue
    const along = (x - start.x) * direction.x + (y - start.y) * direction.y
    const across = Math.abs((x - start.x) * direction.y) + Math.abs((y - start.y) * direction.x)
    if (along <= 1) continue
    // What lies more aside than ahead is gone to only where nothing lies ahead.
    const cost = along + across * 2 + (across > along ? 1e6 : 0)
    if (cost < best_cost) [best, best_cost] = [ref, cost]
  }
  return best
}
