import { useEffect } from 'react'

// wouter announces its own steps as an event `pushState`.
let going_back = false
addEventListener('popstate', () => {
  going_back = true
})
addEventListener('pushState', () => {
  going_back = false
})

/** A page that is new begins at its top. One that the back button brings keeps its place: the browser sees to that. */
export function useScrollToTop(path: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what it waits for
  useEffect(() => {
    if (!going_back) scrollTo(0, 0)
  }, [path])
}
