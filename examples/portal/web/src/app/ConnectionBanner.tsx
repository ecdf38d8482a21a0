import { Clock, CloudOff } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { note, useConnection } from '@/api/connection'
import { queryClient } from '@/api/query'
import { Button } from '@/components/ui/button'
import { duration, relative, useNow } from '@/lib/time'

const retry_ms = 3000

/** Says that nobody answers, asks every few seconds whether somebody does again, and then brings everything up to date. */
export function ConnectionBanner() {
  const { down_since, age_s } = useConnection()
  const down = down_since !== null
  const first_seen = useRef<number | null>(null)
  if (!down) first_seen.current = null
  else first_seen.current ??= down_since
  const now = useNow()

  useEffect(() => {
    if (!down) return
    const timer = setInterval(() => void recover(), retry_ms)
    return () => clearInterval(timer)
  }, [down])

  if (down)
    return (
      <Bar>
        <CloudOff aria-hidden className="size-4 shrink-0" />
        <p className="min-w-0 flex-1">
          <strong className="font-semibold">The portal does not answer.</strong> What you see is from{' '}
          {relative(new Date(first_seen.current ?? now), now)}; this page keeps trying.
        </p>
        <Button variant="outline" size="sm" onClick={() => void recover()}>
          Try now
        </Button>
      </Bar>
    )
  if (age_s !== null && age_s > 0)
    return (
      <Bar>
        <Clock aria-hidden className="size-4 shrink-0" />
        <p className="min-w-0 flex-1">
          <strong className="font-semibold">The portal cannot reach its database.</strong> What you see is{' '}
          {duration(age_s)} old, and nothing can be changed until it is back.
        </p>
      </Bar>
    )
  return null
}

function Bar({ children }: { children: React.ReactNode }) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-warn/25 bg-warn-ground px-4 py-2 text-warn sm:px-6 lg:px-8 [&_button]:text-foreground"
    >
      {children}
    </div>
  )
}

async function recover() {
  const signal = AbortSignal.timeout(retry_ms)
  const answer = await fetch('/healthz', { cache: 'no-store', signal }).catch(() => null)
  if (!answer?.ok) return
  note({ down_since: null })
  await queryClient.invalidateQueries()
}
