import { Check, X } from 'lucide-react'
import type { Versioned } from '@/api/client'
import type { Resource } from '@/api/resources'
import { useSettle } from '@/components/ownership/use-settle'
import { Button } from '@/components/ui/button'

export function SuggestionButtons({ version, team }: { version: Versioned<Resource>; team: string }) {
  const { run, busy } = useSettle()
  const waits = busy.has(version.data.ref)
  return (
    <div className="flex gap-2">
      <Button size="sm" disabled={waits} onClick={() => void run(version, { action: 'confirm', team })}>
        <Check aria-hidden /> Confirm
      </Button>
      <Button
        variant="outline"
        size="sm"
        disabled={waits}
        onClick={() => void run(version, { action: 'reject', team })}
      >
        <X aria-hidden /> Reject
      </Button>
    </div>
  )
}
