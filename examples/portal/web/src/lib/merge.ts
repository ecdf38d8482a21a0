/**
 * Two people edited the same thing. What only the other one changed is taken over, what only I changed stays mine, and
 * what both changed differently stays mine until I decide, with the other one's value beside it.
 */
export interface Merged<T> {
  /** What the form holds from now on. */
  values: T
  /** Fields that came from the other person. */
  taken: (keyof T)[]
  /** Fields that both changed, with what the other person wrote. */
  conflicts: Partial<T>
}

export function merge<T extends object>(base: T, mine: T, theirs: T): Merged<T> {
  const merged: Merged<T> = { values: { ...mine }, taken: [], conflicts: {} }
  for (const field of Object.keys(mine) as (keyof T)[]) {
    if (same(theirs[field], base[field]) || same(theirs[field], mine[field])) continue
    if (same(mine[field], base[field])) {
      merged.values[field] = theirs[field]
      merged.taken.push(field)
    } else {
      merged.conflicts[field] = theirs[field]
    }
  }
  return merged
}

/** The fields of `now` that differ from `base`: what a PATCH sends. */
export function changed<T extends object>(base: T, now: T): Partial<T> {
  const fields = (Object.keys(now) as (keyof T)[]).filter((field) => !same(base[field], now[field]))
  return Object.fromEntries(fields.map((field) => [field, now[field]])) as Partial<T>
}

// Forms hold text, and lists of text and of links.
function same(one: unknown, other: unknown) {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
