import { useEffect, useSyncExternalStore } from 'react'
import { useStored } from '@/lib/stored'

export type Theme = 'system' | 'light' | 'dark'

const system = matchMedia('(prefers-color-scheme: dark)')

/** The chosen theme, and the one that is shown. public/theme.js does the same before the first paint. */
export function useTheme() {
  const [chosen, choose] = useStored('portal.theme', 'system')
  const system_is_dark = useSyncExternalStore(
    (listener) => {
      system.addEventListener('change', listener)
      return () => system.removeEventListener('change', listener)
    },
    () => system.matches,
  )
  const shown: 'light' | 'dark' =
    chosen === 'dark' || (chosen !== 'light' && system_is_dark) ? 'dark' : 'light'
  useEffect(() => {
    document.documentElement.classList.toggle('dark', shown === 'dark')
  }, [shown])
  return { chosen: chosen as Theme, shown, choose: choose as (theme: Theme) => void }
}
