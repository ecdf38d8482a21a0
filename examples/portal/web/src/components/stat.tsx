import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { cn } from '@/lib/cn'
import { Skeleton } from './ui/skeleton'

/** A number that matters, and where it comes from: the whole of it is a link. */
export function Stat({
  to,
  label,
  value,
  detail,
  icon: Icon,
  text = 'text-muted-foreground',
}: {
  to: string
  label: string
  /** Undefined until it is known. */
  value: ReactNode | undefined
  detail?: ReactNode
  icon: LucideIcon
  /** The icon's colour, as a class. */
  text?: string
}) {
  return (
    <Link
      href={to}
      className="flex min-h-29 min-w-0 flex-col rounded-lg border bg-card px-4 py-3.5 hover:border-input"
    >
      <span className="flex items-center gap-2 text-muted-foreground">
        <Icon aria-hidden className={cn('size-4 shrink-0', text)} />
        {label}
      </span>
      {value === undefined ? (
        <Skeleton className="mt-1.5 h-8 w-20" />
      ) : (
        <span className="mt-0.5 text-[1.75rem] leading-10 font-semibold tracking-tight tabular-nums">
          {value}
        </span>
      )}
      <span className="mt-auto text-xs text-muted-foreground">{detail ?? '\u00a0'}</span>
    </Link>
  )
}
