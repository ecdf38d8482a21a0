/** What a team has in each environment: services, and resources by their type. */
import type { FacetValue } from '@/api/facets'

export interface MatrixRow {
  /** A type of resources; null for the services. */
  type: string | null
  /** One for each environment, in their order. */
  counts: number[]
  /** Those that are in no environment that anybody knows. */
  elsewhere: number
  /** Of services this is less than the sum: one that runs in three environments stands in three columns. */
  total: number
}

export interface Matrix {
  environments: string[]
  rows: MatrixRow[]
  has_elsewhere: boolean
}

/** What the counts are made of, as the API answers. */
export interface MatrixCounts {
  services: { total: number; by_environment: readonly FacetValue[] }
  /** Resources of each type, in all. */
  types: readonly FacetValue[]
  /** Resources of each type, by environment. */
  types_in: Readonly<Record<string, readonly FacetValue[]>>
}

export function matrixOf({ services, types, types_in }: MatrixCounts): Matrix {
  const names = new Set(services.by_environment.map(({ value }) => value))
  for (const [environment, counts] of Object.entries(types_in))
    if (counts.some(({ count }) => count > 0)) names.add(environment)
  const environments = [...names].sort(byStage)
  const rows: MatrixRow[] = []
  if (services.total > 0) {
    const counts = environments.map((name) => countOf(services.by_environment, name))
    // How many of them are in none cannot be told from these sums; where no environment is known it can.
    const elsewhere = environments.length === 0 ? services.total : 0
    rows.push({ type: null, counts, elsewhere, total: services.total })
  }
  for (const { value: type, count: total } of types) {
    const counts = environments.map((name) => countOf(types_in[name] ?? [], type))
    const elsewhere = Math.max(0, total - counts.reduce((sum, n) => sum + n, 0))
    rows.push({ type, counts, elsewhere, total })
  }
  return { environments, rows, has_elsewhere: rows.some(({ elsewhere }) => elsewhere > 0) }
}

const countOf = (counts: readonly FacetValue[], wanted: string) =>
  counts.find(({ value }) => value === wanted)?.count ?? 0

const stages = [/prod|live/i, /stag|preprod|uat|qa|accept/i, /test|int/i, /dev|sandbox|play/i]

/** Production first, then what leads to it, then by name. */
export function byStage(one: string, other: string) {
  const stage = (name: string) => {
    // `preprod` and `non-prod` are none.
    if (/(pre|non)[-_]?prod/i.test(name)) return 1
    const at = stages.findIndex((stage) => stage.test(name))
    return at < 0 ? stages.length : at
  }
  return stage(one) - stage(other) || one.localeCompare(other, 'en', { numeric: true })
}
