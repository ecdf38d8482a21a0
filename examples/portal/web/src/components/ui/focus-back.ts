import { useRef } from 'react'

/**
 * Gives the focus back to where it was when a dialog opened. Radix gives it to the dialog's trigger only, and ours are
 * opened by menus and after a request, without one. Radix asks where the focus should go before it moves it, but only if
 * nothing in the dialog has taken it: no `autoFocus` in a dialog. Its first field gets the focus without.
 */
export function useFocusBack() {
  const opener = useRef<HTMLElement | null>(null)
  return {
    onOpenAutoFocus: () => {
      opener.current = document.activeElement as HTMLElement | null
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault()
      opener.current?.focus({ preventScroll: true })
    },
  }
}
