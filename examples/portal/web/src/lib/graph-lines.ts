/** The lines of a drawn graph. */
import type { GraphEdge } from './graph'
import { node_size, type Point } from './graph-layout'

/** How a relation reads from its start to its end, and the other way round. */
export const relation_words: Record<GraphEdge['type'], { forth: string; back: string }> = {
  uses: { forth: 'uses', back: 'used by' },
  depends_on: { forth: 'depends on', back: 'needed by' },
  created_by: { forth: 'created by', back: 'created' },
  runs_as: { forth: 'runs as', back: 'runs' },
  owned_by: { forth: 'owned by', back: 'owns' },
  part_of: { forth: 'part of', back: 'consists of' },
  in: { forth: 'in', back: 'holds' },
}

export interface Line {
  path: string
  /** Where its word stands. */
  middle: Point
}

/** A curve from the border of one node to that of another; the arrow's head ends on the border. */
export function lineOf(from: Point, to: Point): Line {
  const half = { x: node_size.width / 2, y: node_size.height / 2 }
  const across = Math.abs(to.x - from.x) > node_size.width
  const below = Math.abs(to.y - from.y) > node_size.height
  if (across) {
    const side = to.x > from.x ? 1 : -1
    return curve({ x: from.x + side * half.x, y: from.y }, { x: to.x - side * (half.x + 4), y: to.y }, 'x')
  }
  if (below) {
    const side = to.y > from.y ? 1 : -1
    return curve({ x: from.x, y: from.y + side * half.y }, { x: to.x, y: to.y - side * (half.y + 4) }, 'y')
  }
  return curve(from, to, 'x')
}

function curve(start: Point, end: Point, along: 'x' | 'y'): Line {
  const bend = (end[along] - start[along]) / 2
  const one = along === 'x' ? { x: start.x + bend, y: start.y } : { x: start.x, y: start.y + bend }
  const other = along === 'x' ? { x: end.x - bend, y: end.y } : { x: end.x, y: end.y - bend }
  const n = (value: number) => Math.round(value * 10) / 10
  return {
    path: `M${n(start.x)},${n(start.y)} C${n(one.x)},${n(one.y)} ${n(other.x)},${n(other.y)} ${n(end.x)},${n(end.y)}`,
    middle: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 },
  }
}
