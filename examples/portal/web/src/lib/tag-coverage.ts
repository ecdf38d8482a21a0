/** How well things are tagged: where their owner is known from, and which keys they carry. */
interface Tagged {
  rule: string | null
  tags: Readonly<Record<string, string>>
}

export interface Share {
  name: string
  count: number
}

export interface TagCoverage {
  total: number
  /** By the rule that spoke, most first; what no rule spoke for is left out. */
  rules: Share[]
  /** Keys with a value, by how many have them; `Team` and `team` are one key, shown as most people write it. */
  keys: Share[]
  untagged: number
}

export function tagCoverage(things: readonly Tagged[]): TagCoverage {
  const rules = new Map<string, number>()
  const keys = new Map<string, { count: number; spellings: Map<string, number> }>()
  let untagged = 0
  for (const { rule, tags } of things) {
    if (rule) rules.set(rule, (rules.get(rule) ?? 0) + 1)
    const carried = new Map<string, string>()
    for (const [key, value] of Object.entries(tags))
      if (value.trim() !== '') carried.set(key.trim().toLowerCase(), key.trim())
    if (carried.size === 0) untagged += 1
    for (const [folded, spelling] of carried) {
      const known = keys.get(folded) ?? { count: 0, spellings: new Map<string, number>() }
      keys.set(folded, known)
      known.count += 1
      known.spellings.set(spelling, (known.spellings.get(spelling) ?? 0) + 1)
    }
  }
  const usual = (spellings: Map<string, number>) =>
    [...spellings].sort((one, other) => other[1] - one[1] || one[0].localeCompare(other[0]))[0]?.[0] ?? ''
  return {
    total: things.length,
    rules: sorted([...rules].map(([name, count]) => ({ name, count }))),
    keys: sorted([...keys.values()].map(({ count, spellings }) => ({ name: usual(spellings), count }))),
    untagged,
  }
}

const sorted = (shares: Share[]) =>
  shares.sort((one, other) => other.count - one.count || one.name.localeCompare(other.name))
