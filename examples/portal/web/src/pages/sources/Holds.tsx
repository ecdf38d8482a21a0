import { Hand } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { told } from '@/api/problem'
import { type Hold, useReleaseHold } from '@/api/sources'
import { Confirm } from '@/components/confirm'
import { focusTitle, Section } from '@/components/page'
import { RelativeTime } from '@/components/relative-time'
import { Button } from '@/components/ui/button'
import { placeOf } from '@/lib/coverage'
import { count } from '@/lib/time'

const where = ({ scope }: Hold) => {
  const { group, part } = placeOf(scope)
  return [group, part].filter(Boolean).join(' / ')
}

/** Mass deletes that wait for a person. Nothing is shown where there are none. */
export function Holds({ holds }: { holds: readonly Hold[] }) {
  const [asked, ask] = useState<Hold | null>(null)
  const release = useReleaseHold()
  const run = (hold: Hold) =>
    release.mutateAsync(hold.id).then(
      () => {
        ask(null)
        toast.success(`${count(hold.count)} ${hold.kind} of ${where(hold)} were released`)
        focusTitle()
      },
      (error: unknown) => {
        ask(null)
        toast.error('The hold was not released', { description: told(error) })
      },
    )
  if (holds.length === 0) return null
  return (
    <Section
      title="Held"
      beside={<span className="text-muted-foreground tabular-nums">{count(holds.length)}</span>}
    >
      <ul className="flex flex-col gap-2">
        {holds.map((hold) => (
          <li
            key={hold.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-warn/30 bg-warn-ground px-4 py-3"
          >
            <Hand aria-hidden className="size-5 shrink-0 text-warn" />
            <div className="min-w-0 flex-1 basis-64">
              <p className="font-semibold">
                {count(hold.count)} of {count(hold.of)} {hold.kind} are gone from {where(hold)}
              </p>
              <p className="text-muted-foreground">
                Seen by {hold.source} <RelativeTime time={hold.since} />. They stay until they are seen again,
                or until you say that they are gone.
              </p>
            </div>
            <Button variant="outline" onClick={() => ask(hold)}>
              Release
            </Button>
          </li>
        ))}
      </ul>
      {asked && (
        <Confirm
          open
          close={() => ask(null)}
          title={`Release ${count(asked.count)} ${asked.kind}?`}
          action="Release"
          run={() => void run(asked)}
          busy={release.isPending}
        >
          {count(asked.count)} of {count(asked.of)} {asked.kind} in {where(asked)} will be retired. Their
          history stays; what is seen again later comes back.
        </Confirm>
      )}
    </Section>
  )
}
