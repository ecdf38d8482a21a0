import { CircleAlert, Clock, type LucideIcon, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { ApiError, told } from '@/api/problem'
import { Badge } from './ui/badge'
import { Button } from './ui/button'

/** Nothing to show: why, and what to do about it. */
export function Empty({
  icon: Icon = SearchX,
  title,
  children,
  action,
}: {
  icon?: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-16 text-center">
      <Icon aria-hidden className="mb-1 size-7 text-muted-foreground" strokeWidth={1.5} />
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="max-w-md text-muted-foreground">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}

/** A read that failed and that has nothing older to show. */
export function Failed({ error, retry, what }: { error: unknown; retry: () => void; what: string }) {
  const missing = error instanceof ApiError && error.status === 404
  return (
    <div role="alert" className="flex flex-col items-center gap-2 rounded-lg border px-6 py-16 text-center">
      <CircleAlert aria-hidden className="mb-1 size-7 text-bad" strokeWidth={1.5} />
      <p className="text-base font-semibold">
        {missing ? `No such ${what}` : `The ${what} could not be read`}
      </p>
      <p className="max-w-md text-muted-foreground">{told(error)}</p>
      {!missing && (
        <Button variant="outline" className="mt-3" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** The newest read of this did not succeed: what is shown is what was known before. */
export function StaleMark() {
  return (
    <Badge tone="warn" title="The newest read of it did not succeed. This is what was known before.">
      <Clock aria-hidden />
      Stale
    </Badge>
  )
}
