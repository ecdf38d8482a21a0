import { Ellipsis, type LucideIcon } from 'lucide-react'
import { type ReactNode, type RefObject, useRef, useState } from 'react'
import { cn } from '@/lib/cn'
import { Button } from './ui/button'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from './ui/dropdown-menu'

export interface MenuItem {
  word: string
  icon: LucideIcon
  run: () => void
  disabled?: boolean
  tone?: 'bad'
}

/** What a menu's button tells its items. */
export interface OpenMenu {
  open: boolean
  setOpen: (open: boolean) => void
  button: RefObject<HTMLButtonElement | null>
}

/**
 * A button with three dots. What hangs on it is made when it is pressed first: with a whole menu in each row, half of
 * the time of scrolling through a table went into menus that nobody opens.
 */
export function MenuButton({
  label,
  className,
  children,
}: {
  label: string
  className?: string
  /** The menu, as `MenuItems`. */
  children: (menu: OpenMenu) => ReactNode
}) {
  const button = useRef<HTMLButtonElement>(null)
  const [used, setUsed] = useState(false)
  const [open, setOpen] = useState(false)
  return (
    <span className={cn('relative inline-flex shrink-0', className)}>
      <Button
        ref={button}
        variant="ghost"
        size="icon-sm"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => {
          setUsed(true)
          setOpen(true)
        }}
      >
        <Ellipsis />
      </Button>
      {used && children({ open, setOpen, button })}
    </span>
  )
}

export function MenuItems({ menu, items }: { menu: OpenMenu; items: readonly MenuItem[] }) {
  const chosen = useRef<MenuItem | null>(null)
  return (
    <DropdownMenu modal={false} open={menu.open} onOpenChange={menu.setOpen}>
      {/* Lies over the button while the menu is open: the menu hangs on it, and a second press closes. */}
      <DropdownMenuTrigger asChild>
        <span
          aria-hidden
          tabIndex={-1}
          className={cn('absolute inset-0', !menu.open && 'pointer-events-none')}
        />
      </DropdownMenuTrigger>
      <DropdownMenuContent
        aria-label={menu.button.current?.ariaLabel ?? undefined}
        onCloseAutoFocus={(event) => {
          // Only now, with the focus back on the button: a dialog gives it back to where it was when it opened.
          event.preventDefault()
          menu.button.current?.focus()
          chosen.current?.run()
          chosen.current = null
        }}
      >
        {items.map((item) => (
          <DropdownMenuItem
            key={item.word}
            disabled={item.disabled ?? false}
            {...(item.tone && { tone: item.tone })}
            onSelect={() => {
              chosen.current = item
            }}
          >
            <item.icon aria-hidden /> {item.word}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
