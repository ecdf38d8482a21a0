import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

export const Table = ({ className, ...props }: ComponentProps<'table'>) => (
  <table className={cn('w-full table-fixed border-collapse text-left text-sm', className)} {...props} />
)
export const TableHead = ({ className, ...props }: ComponentProps<'th'>) => (
  <th
    scope="col"
    className={cn('h-9 px-3 text-xs font-medium whitespace-nowrap text-muted-foreground', className)}
    {...props}
  />
)
export const TableCell = ({ className, ...props }: ComponentProps<'td'>) => (
  <td className={cn('truncate px-3 [&>*]:align-middle', className)} {...props} />
)
