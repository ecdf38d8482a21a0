import { Command as Primitive } from 'cmdk'
import { Search } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

export const Command = ({ className, ...props }: ComponentProps<typeof Primitive>) => (
  <Primitive className={cn('flex min-h-0 flex-col', className)} {...props} />
)

export const CommandInput = ({ className, ...props }: ComponentProps<typeof Primitive.Input>) => (
  <div className="flex items-center gap-2.5 border-b px-4">
    <Search aria-hidden className="size-4 shrink-0 text-muted-foreground" />
    <Primitive.Input
      className={cn(
        'h-13 w-full bg-transparent text-base outline-none placeholder:text-muted-foreground',
        className,
      )}
      {...props}
    />
  </div>
)

export const CommandList = ({ className, ...props }: ComponentProps<typeof Primitive.List>) => (
  <Primitive.List
    className={cn('max-h-[min(26rem,60dvh)] overflow-y-auto overscroll-contain p-1.5', className)}
    {...props}
  />
)

export const CommandGroup = ({ className, ...props }: ComponentProps<typeof Primitive.Group>) => (
  <Primitive.Group
    className={cn(
      '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:font-semibold [&_[cmdk-group-heading]]:text-muted-foreground',
      className,
    )}
    {...props}
  />
)

export const CommandItem = ({ className, ...props }: ComponentProps<typeof Primitive.Item>) => (
  <Primitive.Item
    className={cn(
      'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 text-sm select-none data-[selected=true]:bg-accent data-[selected=true]:text-accent-foreground [&_svg]:size-4 [&_svg]:shrink-0',
      className,
    )}
    {...props}
  />
)
