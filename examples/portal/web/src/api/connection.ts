/** What the page knows about its server, for the banner and the question for a key. */
import { useSyncExternalStore } from 'react'

export interface Connection {
  /** Since when nobody answers; null while somebody does. */
  down_since: number | null
  /** How old the answers are, in seconds, where the server says that it cannot reach its store. */
  age_s: number | null
  /** Whether the server asked for an API key. */
  needs_key: boolean
  /** Whether it has answered something else: then there is a page, and maybe a form that somebody fills in. */
  answered: boolean
}

let connection: Connection = { down_since: null, age_s: null, needs_key: false, answered: false }
const listeners = new Set<() => void>()

export function note(change: Partial<Connection>) {
  const next = { ...connection, ...change }
  if ((Object.keys(next) as (keyof Connection)[]).every((key) => next[key] === connection[key])) return
  connection = next
  for (const tell of listeners) tell()
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => connection,
  )
}

// The key lives as long as the tab: not in localStorage, where every later visitor of this browser would find it.
const storage_key = 'portal.key'

export function apiKey(): string | null {
  try {
    return sessionStorage.getItem(storage_key)
  } catch {
    return null
  }
}

export function rememberKey(key: string) {
  try {
    sessionStorage.setItem(storage_key, key)
  } catch {
    // Without storage there is no way to keep it; the server will ask again.
  }
  note({ needs_key: false })
}
