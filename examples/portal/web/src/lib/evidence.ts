import type { Evidence } from '@/api/why'

/** One claim, and everywhere it was found. */
export interface Claim {
  claim: Evidence
  found_on: string[]
  /** The oldest reading: nothing here is older. Null where no place was ever read well. */
  read_at: string | null
}

/**
 * The same label on the namespaces of three clusters is one claim found in three places. The order stays that of the
 * first finding: strongest first.
 */
export function grouped(evidence: readonly Evidence[]): Claim[] {
  const claims = new Map<string, Claim>()
  for (const one of evidence) {
    const key = JSON.stringify([one.rule, one.field, one.raw, one.team, one.won, one.source])
    const known = claims.get(key)
    if (!known) {
      claims.set(key, { claim: one, found_on: one.found_on ? [one.found_on] : [], read_at: one.read_at })
      continue
    }
    if (one.found_on && !known.found_on.includes(one.found_on)) known.found_on.push(one.found_on)
    if (one.read_at && (!known.read_at || one.read_at < known.read_at)) known.read_at = one.read_at
  }
  return [...claims.values()]
}
