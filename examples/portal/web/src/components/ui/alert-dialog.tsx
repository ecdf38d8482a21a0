import { AlertDialog as Primitive } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'
import { useFocusBack } from './focus-back'

export const AlertDialog = Primitive.Root
export const AlertDialogCancel = Primitive.Cancel
export const AlertDialogTitle = ({ className, ...props }: ComponentProps<typeof Primitive.Title>) => (
  <Primitive.Title className={cn('text-lg leading-6 font-semibold tracking-tight', className)} {...props} />
)
export const AlertDialogDescription = ({
  className,
  ...props
}: ComponentProps<typeof Primitive.Description>) => (
  <Primitive.Description className={cn('text-sm text-muted-foreground', className)} {...props} />
)

export function AlertDialogContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  const focus_back = useFocusBack()
  return (
    <Primitive.Portal>
      <Primitive.Overlay className="fixed inset-0 z-50 bg-overlay" />
      <Primitive.Content
        {...focus_back}
        className={cn(
          'fixed inset-x-4 top-[20dvh] z-50 mx-auto flex max-w-md flex-col gap-3 rounded-xl border bg-popover p-6 shadow-float data-[state=open]:animate-appear',
          className,
        )}
        {...props}
      />
    </Primitive.Portal>
  )
}
