import { useCallback, useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()

/** A small preference of this browser. Where storage is forbidden it holds until the page is closed. */
const fallback = new Map<string, string>()

export function stored(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? fallback.get(key) ?? null
  } catch {
    return fallback.get(key) ?? null
  }
}

export function store(key: string, value: string) {
  fallback.set(key, value)
  try {
    localStorage.setItem(key, value)
  } catch {
    // It is in `fallback`.
  }
  for (const tell of listeners) tell()
}

export function useStored(key: string, otherwise: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => stored(key) ?? otherwise)
  return [value, useCallback((next: string) => store(key, next), [key])]
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}
