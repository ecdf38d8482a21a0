import { Monitor, Moon, Sun } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { type Theme, useTheme } from './theme'

const themes: Record<Theme, { word: string; icon: typeof Sun; next: Theme }> = {
  system: { word: "the system's", icon: Monitor, next: 'light' },
  light: { word: 'light', icon: Sun, next: 'dark' },
  dark: { word: 'dark', icon: Moon, next: 'system' },
}

export function ThemeSwitch() {
  const { chosen, choose } = useTheme()
  const { word, icon: Icon, next } = themes[chosen] ?? themes.system
  const label = `Theme: ${word}. Change to ${themes[next].word}`
  return (
    <Button variant="ghost" size="icon" aria-label={label} title={label} onClick={() => choose(next)}>
      <Icon />
    </Button>
  )
}
