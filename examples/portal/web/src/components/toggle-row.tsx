import type { LucideIcon } from 'lucide-react'
import { cn } from '@/lib/cn'
import { count } from '@/lib/time'

export interface ToggleOption {
  value: string
  word: string
  /** How many; undefined until it is known. */
  n?: number | undefined
  icon?: LucideIcon
  /** The icon's colour, as a class. */
  text?: string
  /** What it means, for whoever points at it. */
  title?: string
}

/** A choice that is pressed or not, as it looks wherever there are several beside each other. */
export const toggle_style =
  'inline-flex h-8 items-center gap-1.5 rounded-full border bg-card px-3 text-xs hover:border-input'

/** A few choices beside each other, any number of them pressed, each with its count. */
export function ToggleRow({
  label,
  options,
  chosen,
  toggle,
  className = 'mb-4',
}: {
  label: string
  options: readonly ToggleOption[]
  chosen: readonly string[]
  toggle: (value: string) => void
  className?: string
}) {
  return (
    <fieldset aria-label={label} className={cn('flex flex-wrap gap-1.5', className)}>
      {options.map(({ value, word, n, icon: Icon, text, title }) => {
        const pressed = chosen.includes(value)
        return (
          <button
            key={value}
            type="button"
            title={title}
            aria-pressed={pressed}
            onClick={() => toggle(value)}
            className={cn(
              toggle_style,
              pressed && 'border-primary bg-accent text-accent-foreground hover:border-primary',
            )}
          >
            {Icon && <Icon aria-hidden className={cn('size-3.5', text)} />}
            {word}
            {n !== undefined && (
              <span className={cn('tabular-nums', !pressed && 'text-muted-foreground')}>{count(n)}</span>
            )}
          </button>
        )
      })}
    </fieldset>
  )
}
