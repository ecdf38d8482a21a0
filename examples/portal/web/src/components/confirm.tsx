import type { ReactNode } from 'react'
import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogTitle,
} from './ui/alert-dialog'
import { Button } from './ui/button'

/** Asks before something that cannot be taken back easily. Cancel has the focus, Escape is Cancel. */
export function Confirm({
  open,
  close,
  title,
  children,
  action,
  run,
  busy,
}: {
  open: boolean
  close: () => void
  title: string
  children: ReactNode
  /** The word on the button: what will happen. */
  action: string
  run: () => void
  busy: boolean
}) {
  return (
    <AlertDialog open={open} onOpenChange={(now) => !now && close()}>
      <AlertDialogContent>
        <AlertDialogTitle>{title}</AlertDialogTitle>
        <AlertDialogDescription asChild>
          <div className="text-sm text-muted-foreground">{children}</div>
        </AlertDialogDescription>
        <div className="mt-2 flex justify-end gap-2">
          <AlertDialogCancel asChild>
            <Button variant="outline">Cancel</Button>
          </AlertDialogCancel>
          <Button variant="destructive" onClick={run} disabled={busy}>
            {action}
          </Button>
        </div>
      </AlertDialogContent>
    </AlertDialog>
  )
}
