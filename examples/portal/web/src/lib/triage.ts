/**
 * The queue of a triage: what is listed, what of it is settled already, and which one is looked at. What is settled
 * leaves the queue at once and the next one takes its place; the list of the server follows when it likes.
 */
export interface Triage {
  /** As the server last listed them. */
  listed: readonly string[]
  settled: ReadonlySet<string>
  /** The one that is looked at; null where nothing is left. */
  at: string | null
}

export type Step =
  | { step: 'listed'; refs: readonly string[] }
  | { step: 'move'; by: number }
  | { step: 'go'; ref: string }
  | { step: 'settled'; ref: string }
  | { step: 'reopened'; ref: string }

export const nothing_yet: Triage = { listed: [], settled: new Set(), at: null }

/** What is left to do, in the order of the list. */
export const queueOf = ({ listed, settled }: Triage) => listed.filter((ref) => !settled.has(ref))

export function triage(state: Triage, step: Step): Triage {
  const queue = queueOf(state)
  const index = state.at === null ? -1 : queue.indexOf(state.at)
  switch (step.step) {
    case 'listed': {
      // What the server lists no longer needs no mark; should it come back, it is a new case.
      const still = new Set(step.refs)
      const settled = new Set([...state.settled].filter((ref) => still.has(ref)))
      const next: Triage = { listed: step.refs, settled, at: state.at }
      const left = queueOf(next)
      if (state.at !== null && left.includes(state.at)) return next
      return { ...next, at: left[Math.min(Math.max(index, 0), left.length - 1)] ?? null }
    }
    case 'move': {
      const to = Math.max(0, Math.min(queue.length - 1, index + step.by))
      return { ...state, at: queue[to] ?? null }
    }
    case 'go':
      return queue.includes(step.ref) ? { ...state, at: step.ref } : state
    case 'settled': {
      const settled = new Set([...state.settled, step.ref])
      if (state.at !== step.ref) return { ...state, settled }
      return { ...state, settled, at: queue[index + 1] ?? queue[index - 1] ?? null }
    }
    case 'reopened': {
      const settled = new Set([...state.settled].filter((ref) => ref !== step.ref))
      // Where the server has left it out by now, it comes back to the top of the list.
      const listed = state.listed.includes(step.ref) ? state.listed : [step.ref, ...state.listed]
      return { listed, settled, at: step.ref }
    }
  }
}

export type Key = 'next' | 'previous' | 'open' | 'assign' | 'confirm' | 'reject' | 'undo' | 'keys'

const keys: Record<string, Key> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Enter: 'open',
  a: 'assign',
  c: 'confirm',
  r: 'reject',
  u: 'undo',
  '?': 'keys',
}

/** What a key means here; null for one that belongs to something else: a field, a button, a dialog, the browser. */
export function keyOf(event: {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  target: unknown
}): Key | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null
  const key = keys[event.key] ?? null
  const target = event.target as { closest?: (selectors: string) => Element | null } | null
  const inside = (selectors: string) => Boolean(target?.closest?.(selectors))
  if (inside(typing) || inside('[role=dialog], [role=alertdialog], [role=menu]')) return null
  const on_row = inside('[data-triage-row]')
  // Arrows scroll, and Enter presses the button or follows the link that has the focus, unless that is a row.
  if (event.key.startsWith('Arrow') && !on_row) return null
  if (key === 'open' && !on_row && inside('button, a, summary')) return null
  return key
}

const typing = 'input:not([type=checkbox]), textarea, select, [contenteditable]'
