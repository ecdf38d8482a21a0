/** Where the nodes of a drawn graph stand, and which part of it is looked at first. */
import { bothWays, type Graph, type GraphEdge, type GraphNode, type Ways } from './graph'

export interface Point {
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

export interface Layout extends Size {
  /** The middle of each node. */
  places: Map<string, Point>
  /** Whether a line's word has its place between two columns. */
  roomy: boolean
}

export const node_size: Size = { width: 196, height: 40 }
/** At a smaller scale the letters in a node have less than twelve pixels. */
export const readable = 0.82
const margin_px = 12
const gap = { column: 80, narrow_column: 20, lane: 20, row: 5, band: 30 }
/** A window that is narrower than this shows two columns, if they stand close. */
const narrow_px = 480
/** So many nodes stand below each other before the next lane begins: the first one where two fit as well. */
const lane_lengths = [17, 14, 12, 10, 8, 6]

/** What people belong to stands above what runs: everything is near to everything over it. */
const organisation: ReadonlySet<string> = new Set(['team', 'product', 'environment'])

/**
 * Places from left to right: what hangs on the root at its left, the root, what it hangs on at its right, one column
 * for each step. Teams, products and environments are a band above. Long columns are broken into lanes so that it can be
 * drawn as large as the room allows. The same graph has the same places in the same room always.
 */
export function layout(graph: Graph, root: string, room: Size): Layout {
  let best: Layout | null = null
  for (const lane_length of lane_lengths) {
    const drawing = laidOut(graph, root, room, lane_length)
    // A little larger is not worth a lane more.
    if (!best || fitting(drawing, room) > fitting(best, room) * 1.05) best = drawing
  }
  return best ?? { places: new Map(), width: 0, height: 0, roomy: true }
}

/** The scale at which all of it is seen; it is never drawn larger than it is. */
function fitting({ width, height }: Size, room: Size) {
  const across = (room.width - 2 * margin_px) / Math.max(1, width)
  const down = (room.height - 2 * margin_px) / Math.max(1, height)
  return Math.max(0, Math.min(1, across, down))
}

export interface View extends Point {
  scale: number
}

/**
 * All of it where that is not smaller than `at_least`; else the part that holds the centre and the most of what is
 * around it. `x` and `y` are where the drawing's corner comes to lie in the room.
 */
export function viewOf(drawing: Layout, centre: string, room: Size, at_least: number): View {
  const scale = Math.max(at_least, fitting(drawing, room))
  const seen = { width: room.width / scale, height: room.height / scale }
  const all = [...drawing.places.values()]
  const middle = drawing.places.get(centre) ?? { x: drawing.width / 2, y: drawing.height / 2 }
  const margin = margin_px / scale
  const left = startOf(
    all.map(({ x }) => x),
    middle.x,
    { whole: drawing.width, seen: seen.width, node: node_size.width, margin },
  )
  // Up and down it is the nodes of the columns that are seen which count.
  const half = node_size.width / 2
  const beside = all.filter(({ x }) => x - half >= left && x + half <= left + seen.width)
  const top = startOf(
    beside.map(({ y }) => y),
    middle.y,
    { whole: drawing.height, seen: seen.height, node: node_size.height, margin },
  )
  return { x: -left * scale, y: -top * scale, scale }
}

/** Where the part that is seen begins, in one direction. */
function startOf(
  middles: readonly number[],
  centre: number,
  { whole, seen, node, margin }: { whole: number; seen: number; node: number; margin: number },
) {
  if (whole + 2 * margin <= seen + 1) return (whole - seen) / 2
  const half = node / 2
  const inside = (start: number) => (at: number) => at - half >= start - 1 && at + half <= start + seen + 1
  const balanced = Math.max(-margin, Math.min(whole + margin - seen, centre - seen / 2))
  let best = { start: balanced, count: middles.filter(inside(balanced)).length }
  for (const edge of new Set(middles))
    for (const start of [edge - half - margin, edge + half + margin - seen]) {
      if (!inside(start)(centre)) continue
      const count = middles.filter(inside(start)).length
      const nearer = Math.abs(start - balanced) < Math.abs(best.start - balanced)
      if (count > best.count || (count === best.count && best.start !== balanced && nearer))
        best = { start, count }
    }
  return best.start
}

function laidOut({ nodes, edges }: Graph, root: string, room: Size, lane_length: number): Layout {
  const roomy = room.width >= narrow_px
  const between = roomy ? gap.column : gap.narrow_column
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
    const start = number === 0 ? -width / 2 : number < 0 ? left - between - width : right + between
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
    room,
  )
  return { ...framed(places), roomy }
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

function placeBand(band: readonly GraphNode[], neighbours: Ways, places: Map<string, Point>, room: Size) {
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
  // As wide as what is below it, or as can be read at once.
  const per_row = Math.max(1, Math.floor(span / step) + 1, Math.floor(room.width / readable / step))
  const centre = (Math.max(...all.map(({ x }) => x)) + Math.min(...all.map(({ x }) => x))) / 2
  order.forEach(({ node }, index) => {
    const row = Math.floor(index / per_row)
    const in_row = Math.min(per_row, order.length - row * per_row)
    const x = centre + ((index % per_row) - (in_row - 1) / 2) * step
    places.set(node.ref, { x, y: top - row * (node_size.height + gap.row) })
  })
}

/** Moved so that the upper left corner of everything is at nought. */
function framed(places: Map<string, Point>): Omit<Layout, 'roomy'> {
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
