import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

/** What inputs, text areas and selects look like. */
export const field_style =
  'w-full rounded-md border border-field bg-card px-3 text-sm placeholder:text-muted-foreground aria-invalid:border-bad disabled:opacity-55 focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-ring'

export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return <input type={type} className={cn(field_style, 'h-9', className)} {...props} />
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(field_style, 'min-h-18 py-2', className)} {...props} />
}
