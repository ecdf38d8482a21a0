import { useRef } from 'react'

/**
 * Gives the focus back to where it was when a dialog opened. Radix gives it to the dialog's trigger only, and ours are
 * opened by menus and after a request, without one.
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
