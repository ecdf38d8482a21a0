/**
 * What a person filtered and sorted lives in the address: it can be shared, and back and reload keep it. The names are
 * those of the API, so that a page's address reads like the question it asks.
 */
import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'

export type View = URLSearchParams

/** With a value put in, or taken out where it was in already. Sorted, so that one view has one address. */
export function toggled(view: View, name: string, value: string): View {
  const values = view.getAll(name)
  return withValues(
    view,
    name,
    values.includes(value) ? values.filter((one) => one !== value) : [...values, value],
  )
}

/** With exactly these values; none takes the name out. */
export function withValues(view: View, name: string, values: readonly string[]): View {
  const next = new URLSearchParams(view)
  next.delete(name)
  for (const value of [...values].sort()) if (value !== '') next.append(name, value)
  return next
}

/** Without these names. */
export function without(view: View, names: readonly string[]): View {
  const next = new URLSearchParams(view)
  for (const name of names) next.delete(name)
  return next
}

/** The part of the view that the API is asked with: `{ team: ['a', 'b'], q: 'x' }`. */
export function asked(view: View, lists: readonly string[], singles: readonly string[] = []) {
  const query: Record<string, string[] | string> = {}
  for (const name of lists) {
    const values = [...new Set(view.getAll(name))].sort()
    if (values.length > 0) query[name] = values
  }
  for (const name of singles) {
    const value = view.get(name)
    if (value) query[name] = value
  }
  return query
}

/** The address's view, and a way to change it: `push` is a step of the back button, `replace` is not. */
export function useView(): [View, (next: View, how?: 'push' | 'replace') => void] {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const view = useMemo(() => new URLSearchParams(search), [search])
  const show = useCallback(
    (next: View, how: 'push' | 'replace' = 'push') => {
      const query = next.toString()
      navigate(query ? `${path}?${query}` : path, { replace: how === 'replace' })
    },
    [navigate, path],
  )
  return [view, show]
}

/** The text that is searched for, from the address. Typing is no step of the back button. */
export function useSearchText(): [string, (text: string) => void] {
  const [view, show] = useView()
  const search = useCallback((text: string) => show(withValues(view, 'q', [text]), 'replace'), [show, view])
  return [view.get('q') ?? '', search]
}
