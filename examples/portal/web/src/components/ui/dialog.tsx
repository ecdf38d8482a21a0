import { X } from 'lucide-react'
import { Dialog as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'
import { Button } from './button'
import { useFocusBack } from './focus-back'

export const Dialog = Primitive.Root
export const DialogTrigger = Primitive.Trigger
export const DialogClose = Primitive.Close
export const DialogTitle = ({ className, ...props }: ComponentProps<typeof Primitive.Title>) => (
  <Primitive.Title className={cn('text-lg leading-6 font-semibold tracking-tight', className)} {...props} />
)
export const DialogDescription = ({ className, ...props }: ComponentProps<typeof Primitive.Description>) => (
  <Primitive.Description className={cn('text-sm text-muted-foreground', className)} {...props} />
)

const overlay_style = 'fixed inset-0 z-50 bg-overlay'

export function DialogContent({
  className,
  closable = true,
  children,
  ...props
}: ComponentProps<typeof Primitive.Content> & {
  /** False for a question that has to be answered. */
  closable?: boolean
}) {
  const focus_back = useFocusBack()
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlay_style} />
      <Primitive.Content
        {...focus_back}
        className={cn(
          'fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[92dvh] w-full max-w-xl flex-col rounded-t-xl border bg-popover shadow-float data-[state=open]:animate-appear sm:top-[8dvh] sm:bottom-auto sm:max-h-[84dvh] sm:rounded-xl',
          className,
        )}
        {...props}
      >
        {children}
        {closable && (
          <Primitive.Close asChild>
            <Button variant="ghost" size="icon-sm" className="absolute top-3 right-3" aria-label="Close">
              <X />
            </Button>
          </Primitive.Close>
        )}
      </Primitive.Content>
    </Primitive.Portal>
  )
}

export const DialogHeader = ({ className, ...props }: ComponentProps<'div'>) => (
  <div className={cn('flex flex-col gap-1 border-b py-4 pr-14 pl-6', className)} {...props} />
)
/** The part that scrolls when the window is low. */
export const DialogBody = ({ className, ...props }: ComponentProps<'div'>) => (
  <div className={cn('min-h-0 flex-1 overflow-y-auto px-6 py-5', className)} {...props} />
)
export const DialogFooter = ({ className, ...props }: ComponentProps<'div'>) => (
  <div className={cn('flex flex-wrap justify-end gap-2 border-t px-6 py-3.5', className)} {...props} />
)

/** A dialog at an edge of the window: navigation and filters on a phone. */
export function SheetContent({
  className,
  side = 'left',
  children,
  ...props
}: ComponentProps<typeof Primitive.Content> & { side?: 'left' | 'right' }) {
  const focus_back = useFocusBack()
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlay_style} />
      <Primitive.Content
        {...focus_back}
        className={cn(
          'fixed inset-y-0 z-50 flex w-[min(20rem,86vw)] flex-col overflow-y-auto bg-popover shadow-float data-[state=open]:animate-appear',
          side === 'left' ? 'left-0 border-r' : 'right-0 border-l',
          className,
        )}
        {...props}
      >
        {children}
        <Primitive.Close asChild>
          <Button variant="ghost" size="icon-sm" className="absolute top-3 right-3" aria-label="Close">
            <X />
          </Button>
        </Primitive.Close>
      </Primitive.Content>
    </Primitive.Portal>
  )
}
