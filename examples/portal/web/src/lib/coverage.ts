/** What of the outside could not be read, and what to do about it. */
import type { Coverage, SourceKind, SourceScope } from '@/api/sources'

/** Where a scope is: an account and its region, a cluster and its namespace, a domain. */
export interface Place {
  group: string
  part: string
}

export function placeOf(scope: unknown): Place {
  const known = (scope ?? {}) as Record<string, unknown>
  const text = (name: string) => (typeof known[name] === 'string' ? known[name] : '')
  if (text('cluster')) return { group: text('cluster'), part: text('namespace') }
  if (text('account')) return { group: text('account'), part: text('region') }
  if (text('domain')) return { group: text('domain'), part: '' }
  const path = Array.isArray(known.path) ? known.path.map(String) : []
  return { group: path[0] ?? '', part: path.slice(1).join(' / ') }
}

/** What is wrong in the same way in several places: one thing to mend. */
export interface Gap {
  source: string
  kind: string
  coverage: Coverage
  permission: string | null
  /** Different words from different places. */
  reasons: string[]
  places: Place[]
  /** The oldest of the last good reads; null where there never was one somewhere. */
  good_at: string | null
  unread: string[]
  set_aside: string[]
}

const trouble: readonly Coverage[] = ['denied', 'failed', 'partial']

/** Whether something is wrong with a kind. What is absent cannot exist there, which is well. */
export const isGap = (kind: SourceKind) => trouble.includes(kind.coverage) || hasHoles(kind)

/** Whether single things of a kind could not be read or understood, whatever became of the rest. */
export const hasHoles = (kind: Pick<SourceKind, 'unread' | 'set_aside'>) =>
  kind.unread.length > 0 || kind.set_aside.length > 0

/** Everything that could not be read, worst first. */
export function gapsOf(scopes: readonly SourceScope[]): Gap[] {
  const gaps = new Map<string, Gap>()
  for (const { source, scope, kinds } of scopes)
    for (const [kind, read] of Object.entries(kinds)) {
      if (!isGap(read)) continue
      const key = JSON.stringify([source, kind, read.coverage, read.permission])
      const gap = gaps.get(key)
      const place = placeOf(scope)
      if (!gap) {
        gaps.set(key, {
          source,
          kind,
          coverage: read.coverage,
          permission: read.permission ?? null,
          reasons: read.reason ? [read.reason] : [],
          places: [place],
          good_at: read.good_at ?? null,
          unread: [...read.unread],
          set_aside: [...read.set_aside],
        })
        continue
      }
      gap.places.push(place)
      if (read.reason && !gap.reasons.includes(read.reason)) gap.reasons.push(read.reason)
      gap.good_at = gap.good_at && read.good_at ? earlier(gap.good_at, read.good_at) : null
      gap.unread.push(...read.unread)
      gap.set_aside.push(...read.set_aside)
    }
  const rank = ({ coverage }: Gap) =>
    trouble.includes(coverage) ? trouble.indexOf(coverage) : trouble.length
  return [...gaps.values()].sort((one, other) => rank(one) - rank(other))
}

/** How a source does as a whole. */
export interface SourceSum {
  source: string
  scopes: number
  /** Scope × kind, and how many of them were read whole the last time. */
  parts: number
  whole: number
  items: number
  held: number
  /** The oldest of the newest runs: nothing of this source is older, if it was read whole. */
  oldest_read_at: string
  newest_read_at: string
}

export function sumsOf(scopes: readonly SourceScope[]): SourceSum[] {
  const sums = new Map<string, SourceSum>()
  for (const { source, read_at, kinds } of scopes) {
    const sum = sums.get(source) ?? {
      source,
      scopes: 0,
      parts: 0,
      whole: 0,
      items: 0,
      held: 0,
      oldest_read_at: read_at,
      newest_read_at: read_at,
    }
    sums.set(source, sum)
    sum.scopes += 1
    sum.oldest_read_at = earlier(sum.oldest_read_at, read_at)
    if (Date.parse(read_at) > Date.parse(sum.newest_read_at)) sum.newest_read_at = read_at
    for (const kind of Object.values(kinds)) {
      sum.parts += 1
      if (!isGap(kind)) sum.whole += 1
      sum.items += kind.items
      if (kind.held) sum.held += 1
    }
  }
  return [...sums.values()].sort((one, other) => one.source.localeCompare(other.source))
}

/** The words that whoever runs the other system needs, to give a missing right; null where it has no such form. */
export function grantOf(permission: string): { into: string; text: string } | null {
  const aws = /^[a-z0-9-]+:[A-Z][A-Za-z]+$/.test(permission)
  if (aws)
    return {
      into: 'Into the IAM policy of the role that reads this account',
      text: JSON.stringify({ Effect: 'Allow', Action: permission, Resource: '*' }, null, 2),
    }
  const kubernetes = /^([a-z0-9]+)(?:\.([a-z0-9.-]+))?:([a-z]+)$/.exec(permission)
  if (kubernetes) {
    const [, resource, group = '', verb] = kubernetes
    return {
      into: 'Into the rules of the ClusterRole that the portal reads with',
      text: `- apiGroups: ["${group}"]\n  resources: ["${resource}"]\n  verbs: ["${verb}"]`,
    }
  }
  return null
}

function earlier(one: string, other: string) {
  return Date.parse(one) < Date.parse(other) ? one : other
}
