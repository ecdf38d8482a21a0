import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

const variants = cva(
  'inline-flex max-w-full items-center gap-1 rounded-[5px] px-1.5 py-px text-xs font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        plain: 'bg-idle-ground text-foreground',
        outline: 'border text-muted-foreground',
        ok: 'bg-ok-ground text-ok',
        warn: 'bg-warn-ground text-warn',
        bad: 'bg-bad-ground text-bad',
        idle: 'bg-idle-ground text-idle',
        accent: 'bg-accent text-accent-foreground',
      },
    },
    defaultVariants: { tone: 'plain' },
  },
)

export type Tone = NonNullable<VariantProps<typeof variants>['tone']>

export function Badge({ className, tone, ...props }: ComponentProps<'span'> & { tone?: Tone }) {
  return <span className={cn(variants({ tone }), className)} {...props} />
}
