import { CircleCheck, CircleDashed, CircleX, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { Health } from '@/api/services'
import { cn } from '@/lib/cn'

/** Each status has a form and a word of its own: colour is never the only sign. */
export const statuses: Record<Health, { word: string; icon: LucideIcon; text: string }> = {
  down: { word: 'Down', icon: CircleX, text: 'text-bad' },
  degraded: { word: 'Degraded', icon: TriangleAlert, text: 'text-warn' },
  healthy: { word: 'Healthy', icon: CircleCheck, text: 'text-ok' },
  unknown: { word: 'Unknown', icon: CircleDashed, text: 'text-idle' },
}

export function StatusLabel({ status, className }: { status: Health; className?: string }) {
  const { word, icon: Icon, text } = statuses[status]
  return (
    <span className={cn('inline-flex items-center gap-1.5 font-medium whitespace-nowrap', text, className)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      {word}
    </span>
  )
}
