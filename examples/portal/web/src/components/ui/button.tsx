import { cva, type VariantProps } from 'class-variance-authority'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

const variants = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55 [&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-4",
  {
    variants: {
      variant: {
        default: 'bg-primary text-primary-foreground not-disabled:hover:bg-primary-hover',
        outline: 'border border-input bg-card not-disabled:hover:bg-muted',
        ghost: 'text-muted-foreground not-disabled:hover:bg-muted not-disabled:hover:text-foreground',
        destructive: 'bg-bad text-background not-disabled:hover:opacity-90',
        link: 'text-primary underline-offset-4 hover:underline',
      },
      size: {
        default: 'h-9 px-3.5 text-sm',
        sm: 'h-8 px-2.5 text-xs',
        icon: 'size-9',
        'icon-sm': 'size-8',
        inline: 'h-auto',
      },
    },
    defaultVariants: { variant: 'default', size: 'default' },
  },
)

export type ButtonProps = ComponentProps<'button'> & VariantProps<typeof variants> & { asChild?: boolean }

export function Button({ className, variant, size, asChild = false, type, ...props }: ButtonProps) {
  const Element = asChild ? Slot.Root : 'button'
  return (
    <Element
      type={asChild ? undefined : (type ?? 'button')}
      className={cn(variants({ variant, size }), className)}
      {...props}
    />
  )
}
