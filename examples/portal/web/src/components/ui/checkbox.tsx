import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

/** The browser's own, drawn in our colours: lists of filters hold a hundred of them. */
export function Checkbox({ className, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <input
      type="checkbox"
      className={cn('size-4 shrink-0 cursor-pointer rounded accent-primary', className)}
      {...props}
    />
  )
}
