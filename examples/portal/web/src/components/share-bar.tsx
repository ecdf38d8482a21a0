import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { cn } from '@/lib/cn'
import { count } from '@/lib/time'

export interface Share {
  key: string
  word: string
  n: number
  /** Its colour, as a class of its ground. */
  ground: string
  mark: ReactNode
  /** The list of these. */
  to: string
}

/** Parts of a whole: a bar for the eye, and a list of words, numbers and links that says the same. */
export function ShareBar({ label, shares }: { label: string; shares: readonly Share[] }) {
  const total = shares.reduce((sum, { n }) => sum + n, 0)
  const shown = shares.filter(({ n }) => n > 0)
  return (
    <div>
      <div aria-hidden className="flex h-2.5 gap-0.5 overflow-hidden rounded-full bg-muted">
        {shown.map(({ key, n, ground }) => (
          <span key={key} className={cn('min-w-1', ground)} style={{ flex: n }} />
        ))}
      </div>
      <ul aria-label={label} className="mt-3 flex flex-wrap gap-x-5 gap-y-1">
        {shown.map(({ key, word, n, mark, to }) => (
          <li key={key}>
            <Link href={to} className="link inline-flex items-center gap-1.5">
              {mark}
              <span className="text-muted-foreground">{word}</span>
              <span className="font-semibold tabular-nums">{count(n)}</span>
              <span className="text-xs text-muted-foreground tabular-nums">{portion(n, total)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** `87 %`; what is there is never called nothing, and what is not all never all. */
export function portion(n: number, total: number): string {
  if (total === 0) return '–'
  const percent = (n / total) * 100
  if (percent > 0 && percent < 1) return '< 1 %'
  return `${n < total ? Math.min(99, Math.round(percent)) : 100} %`
}
