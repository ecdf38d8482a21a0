import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

/** The browser's own with our colours: lists of filters hold a hundred of them, and in dark its own is a grey block. */
export function Checkbox({ className, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return (
    <input
      type="checkbox"
      className={cn(
        'grid size-4 shrink-0 cursor-pointer appearance-none place-content-center rounded border border-muted-foreground bg-card checked:border-primary checked:bg-primary forced-colors:appearance-auto',
        // The tick is a shape that is cut out: the policy forbids pictures in addresses.
        'before:size-2.5 before:bg-primary-foreground before:opacity-0 before:[clip-path:polygon(14%_44%,0_62%,40%_98%,100%_18%,84%_4%,37%_66%)] checked:before:opacity-100',
        className,
      )}
      {...props}
    />
  )
}
