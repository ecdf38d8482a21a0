import { Menu, Search } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { Button } from '@/components/ui/button'
import { Dialog, DialogTitle, DialogTrigger, SheetContent } from '@/components/ui/dialog'
import { ConnectionBanner } from './ConnectionBanner'
import { Brand, Navigation } from './Navigation'
import { Palette } from './Palette'
import { ThemeSwitch } from './ThemeSwitch'

/** What is around every page: navigation at the side (behind a button on a phone), search and theme above. */
export function Shell({ children }: { children: ReactNode }) {
  const [searching, search] = useState(false)
  const search_button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      // Where nothing has the focus, there is no place to give it back to: then it is the button's.
      if (document.activeElement === document.body) search_button.current?.focus()
      search((now) => !now)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  return (
    <div className="min-h-dvh lg:pl-56">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-primary px-3 py-2 font-medium text-primary-foreground focus:translate-y-0"
      >
        Skip to the content
      </a>
      <nav
        aria-label="Main"
        className="fixed inset-y-0 left-0 z-30 hidden w-56 flex-col border-r bg-sidebar lg:flex"
      >
        <div className="flex h-14 items-center px-5">
          <Brand />
        </div>
        <Navigation className="flex-1 overflow-y-auto px-3 pt-2 pb-4" />
      </nav>
      <header className="sticky top-0 z-20 border-b bg-background">
        <div className="mx-auto flex h-14 max-w-[100rem] items-center gap-2 px-4 sm:px-6 lg:px-8">
          <PhoneNavigation />
          <button
            ref={search_button}
            type="button"
            onClick={() => search(true)}
            aria-keyshortcuts="Control+K Meta+K"
            className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md border border-input bg-card px-3 text-muted-foreground hover:bg-muted sm:max-w-sm"
          >
            <Search aria-hidden className="size-4 shrink-0" />
            <span className="truncate">Search everything</span>
            <kbd className="ml-auto hidden rounded border px-1.5 font-sans text-2xs sm:block">
              {navigator.platform.startsWith('Mac') ? '⌘K' : 'Ctrl K'}
            </kbd>
          </button>
          <div className="ml-auto">
            <ThemeSwitch />
          </div>
        </div>
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1} className="outline-none">
        {children}
      </main>
      {searching && <Palette close={() => search(false)} />}
    </div>
  )
}

function PhoneNavigation() {
  const [open, setOpen] = useState(false)
  const [path] = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: who went somewhere is done with the menu
  useEffect(() => setOpen(false), [path])
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant="ghost" size="icon" className="-ml-2 lg:hidden" aria-label="Open the navigation">
          <Menu className="size-5" />
        </Button>
      </DialogTrigger>
      <SheetContent aria-describedby={undefined}>
        <DialogTitle className="sr-only">Navigation</DialogTitle>
        <nav aria-label="Main">
          <div className="flex h-14 items-center px-5">
            <Brand />
          </div>
          <Navigation className="px-3 pb-6" />
        </nav>
      </SheetContent>
    </Dialog>
  )
}
