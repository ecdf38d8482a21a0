import { describe, expect, it } from 'vitest'
import { blastRadius, type Graph, type GraphEdge, union, withoutTypes } from '@/lib/graph'
import { layout, nearest, node_size, readable, viewOf } from '@/lib/graph-layout'
import { lineOf } from '@/lib/graph-lines'

type Type = GraphEdge['type']
const node = (ref: string, team: string | null = null, distance = 1) => ({
  ref,
  name: ref.slice(ref.indexOf(':') + 1),
  type: ref.slice(0, ref.indexOf(':')) as 'service',
  team,
  distance,
})
const edge = (from: string, type: Type, to: string) => ({ from, type, to })
const bucket = 'resource:bucket'
const graph: Graph = {
  nodes: [
    node(bucket, 'pay', 0),
    node('service:api', 'pay'),
    node('service:web', 'shop', 2),
    node('resource:stack'),
    node('team:pay'),
    node('environment:1'),
  ],
  edges: [
    edge('service:api', 'uses', bucket),
    edge('service:web', 'depends_on', 'service:api'),
    edge(bucket, 'created_by', 'resource:stack'),
    edge(bucket, 'owned_by', 'team:pay'),
    edge('service:api', 'owned_by', 'team:pay'),
    edge(bucket, 'in', 'environment:1'),
  ],
  cut: false,
}

describe('union', () => {
  it('has each node and edge once, and says that something is cut if any piece is', () => {
    const both = union([graph, { ...graph, cut: true }])
    expect([both.nodes.length, both.edges.length, both.cut]).toEqual([6, 6, true])
    expect(both.nodes[0]?.ref).toBe(bucket)
  })
})

describe('blast radius', () => {
  it('follows what hangs on it, step by step, and names whose it is', () => {
    const { rings, teams, cut } = blastRadius(graph, bucket)
    expect(rings.map((ring) => ring.map(({ ref }) => ref))).toEqual([['service:api'], ['service:web']])
    expect([teams, cut]).toEqual([['pay', 'shop'], false])
  })

  it('holds what a stack made, and never a team or an environment', () => {
    const { rings } = blastRadius(graph, 'resource:stack')
    expect(rings[0]?.map(({ ref }) => ref)).toEqual([bucket])
    expect(rings.flat().some(({ type }) => (type as string) === 'team')).toBe(false)
  })

  it('is empty where nothing hangs on it, and ends in a circle', () => {
    expect(blastRadius(graph, 'service:web').rings).toEqual([])
    const circle = { ...graph, edges: [...graph.edges, edge('service:api', 'depends_on', 'service:web')] }
    expect(blastRadius(circle, bucket).rings.flat()).toHaveLength(2)
  })
})

describe('without types', () => {
  it('leaves out what nothing leads to any more, and never the root', () => {
    const left = withoutTypes(graph, new Set(['resource', 'team']), bucket)
    expect(left.nodes.map(({ ref }) => ref)).toEqual([bucket, 'service:api', 'service:web', 'environment:1'])
    expect(withoutTypes(graph, new Set(['service']), bucket).nodes.map(({ ref }) => ref)).not.toContain(
      'service:web',
    )
  })
})

/** What a window of a laptop and of a phone leave for the drawing. */
const laptop = { width: 654, height: 628 }
const phone = { width: 356, height: 414 }

describe('layout', () => {
  const { places, width, height } = layout(graph, bucket, laptop)
  const at = (ref: string) => places.get(ref) ?? { x: Number.NaN, y: Number.NaN }

  it('puts what hangs on the root at its left, and what it hangs on at its right', () => {
    expect(at('service:web').x).toBeLessThan(at('service:api').x)
    expect(at('service:api').x).toBeLessThan(at(bucket).x)
    expect(at(bucket).x).toBeLessThan(at('resource:stack').x)
  })

  it('puts teams and environments above everything', () => {
    for (const ref of ['service:api', bucket, 'resource:stack'])
      expect(at('team:pay').y).toBeLessThan(at(ref).y)
    expect(at('environment:1').y).toBe(at('team:pay').y)
  })

  it('has a place for every node within its frame, and no two over each other', () => {
    const many: Graph = {
      nodes: [
        node('team:t', null, 0),
        ...Array.from({ length: 90 }, (_, n) => node(`resource:${n}`, 't')),
        ...Array.from({ length: 9 }, (_, n) => node(`environment:${n}`)),
      ],
      edges: [
        ...Array.from({ length: 90 }, (_, n) => edge(`resource:${n}`, 'owned_by', 'team:t')),
        ...Array.from({ length: 90 }, (_, n) => edge(`resource:${n}`, 'in', `environment:${n % 9}`)),
      ],
      cut: false,
    }
    const big = layout(many, 'team:t', laptop)
    expect(big.places.size).toBe(100)
    const all = [...big.places.values()]
    for (const [index, one] of all.entries()) {
      expect(one.x - node_size.width / 2).toBeGreaterThanOrEqual(-0.5)
      expect(one.x + node_size.width / 2).toBeLessThanOrEqual(big.width + 0.5)
      expect(one.y + node_size.height / 2).toBeLessThanOrEqual(big.height + 0.5)
      for (const other of all.slice(index + 1)) {
        const apart =
          Math.abs(one.x - other.x) >= node_size.width || Math.abs(one.y - other.y) >= node_size.height
        expect(apart).toBe(true)
      }
    }
  })

  it('is the same for the same graph in another order', () => {
    const turned = { ...graph, nodes: [...graph.nodes].reverse(), edges: [...graph.edges].reverse() }
    const again = layout(turned, bucket, laptop)
    expect([again.width, again.height]).toEqual([width, height])
    for (const [ref, place] of places) expect(again.places.get(ref)).toEqual(place)
  })

  it('leads arrow keys to the nearest node in that direction, or nowhere', () => {
    expect(nearest(places, bucket, 'ArrowLeft')).toBe('service:api')
    expect(nearest(places, bucket, 'ArrowRight')).toBe('resource:stack')
    expect(nearest(places, 'service:web', 'ArrowLeft')).toBeNull()
    expect(nearest(places, bucket, 'x')).toBeNull()
  })
})

describe('what is seen first', () => {
  /** A service with callers at its left and with what it uses at its right. */
  const around = (callers: number, used: number): Graph => ({
    nodes: [
      node('service:api', 'pay', 0),
      ...Array.from({ length: callers }, (_, n) => node(`service:${n}`)),
      ...Array.from({ length: used }, (_, n) => node(`resource:${n}`)),
      node('team:pay'),
    ],
    edges: [
      ...Array.from({ length: callers }, (_, n) => edge(`service:${n}`, 'depends_on', 'service:api')),
      ...Array.from({ length: used }, (_, n) => edge('service:api', 'uses', `resource:${n}`)),
      edge('service:api', 'owned_by', 'team:pay'),
    ],
    cut: false,
  })
  const seenOf = (graph: Graph, room: typeof laptop) => {
    const drawing = layout(graph, 'service:api', room)
    const view = viewOf(drawing, 'service:api', room, readable)
    const is_seen = (ref: string) => {
      const { x, y } = drawing.places.get(ref) ?? { x: Number.NaN, y: Number.NaN }
      const [dx, dy] = [(node_size.width / 2) * view.scale, (node_size.height / 2) * view.scale]
      const at = { x: view.x + x * view.scale, y: view.y + y * view.scale }
      return at.x - dx >= 0 && at.x + dx <= room.width && at.y - dy >= 0 && at.y + dy <= room.height
    }
    return { scale: view.scale, seen: new Set(graph.nodes.map(({ ref }) => ref).filter(is_seen)) }
  }

  it('is all of a usual neighbourhood, in letters that can be read', () => {
    const { scale, seen } = seenOf(around(4, 12), laptop)
    expect(seen.size).toBe(18)
    expect(scale).toBeGreaterThanOrEqual(readable)
  })

  it('is what was asked for and the fuller side, where it is too much for the room', () => {
    const { scale, seen } = seenOf(around(2, 9), phone)
    expect(scale).toBe(readable)
    expect(seen).toContain('service:api')
    expect([...seen].filter((ref) => ref.startsWith('resource:')).length).toBeGreaterThanOrEqual(7)
    expect(seenOf(around(9, 2), phone).seen.size).toBeGreaterThanOrEqual(8)
    expect(seenOf(around(40, 40), laptop).seen).toContain('service:api')
  })

  it('is never larger than it is', () => {
    expect(seenOf(around(0, 1), laptop).scale).toBe(1)
  })
})

it('draws a line from border to border', () => {
  const { path } = lineOf({ x: 0, y: 0 }, { x: 400, y: 0 })
  expect(path.startsWith(`M${node_size.width / 2},0`)).toBe(true)
  expect(path.endsWith(`${400 - node_size.width / 2 - 4},0`)).toBe(true)
})
