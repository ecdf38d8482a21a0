import type { SourceScope } from '@/api/sources'
import { lookOf } from '@/components/coverage'
import { RelativeTime } from '@/components/relative-time'
import { Badge } from '@/components/ui/badge'
import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { placeOf } from '@/lib/coverage'
import { count } from '@/lib/time'
import { Grant } from './Grant'

/** Everything about the newest reading of one scope. */
export function ScopeSheet({ scope, close }: { scope: SourceScope; close: () => void }) {
  const { group, part } = placeOf(scope.scope)
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle className="wrap-anywhere">{[group, part].filter(Boolean).join(' / ')}</DialogTitle>
          <DialogDescription>
            {scope.source}, run {count(scope.run)}, read <RelativeTime time={scope.read_at} />
          </DialogDescription>
        </DialogHeader>
        <DialogBody>
          <ul className="flex flex-col gap-4">
            {Object.entries(scope.kinds).map(([name, kind]) => {
              const { word, icon: Icon, tone } = lookOf(kind)
              return (
                <li key={name} className="border-b border-border/60 pb-4 last:border-0 last:pb-0">
                  <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                    <span className="font-medium">{name}</span>
                    <Badge tone={tone}>
                      <Icon aria-hidden /> {word}
                    </Badge>
                    <span className="ml-auto text-xs text-muted-foreground">
                      {count(kind.items)} known, last read whole <RelativeTime time={kind.good_at} />
                    </span>
                  </div>
                  {kind.reason && <p className="mt-1 wrap-anywhere text-muted-foreground">{kind.reason}</p>}
                  <Lines title="Not read" lines={kind.unread} />
                  <Lines title="Set aside, because it could not be understood" lines={kind.set_aside} />
                  {kind.permission && <Grant permission={kind.permission} />}
                </li>
              )
            })}
          </ul>
        </DialogBody>
      </DialogContent>
    </Dialog>
  )
}

/** A few lines of text from outside, and how many there are more. */
export function Lines({
  title,
  lines,
  most = 5,
}: {
  title: string
  lines: readonly string[]
  most?: number
}) {
  if (lines.length === 0) return null
  return (
    <div className="mt-1.5 text-xs">
      <p className="text-muted-foreground">{title}:</p>
      <ul className="mt-0.5 flex flex-col gap-0.5">
        {lines.slice(0, most).map((line, index) => (
          <li key={index} className="font-mono text-2xs wrap-anywhere">
            {line}
          </li>
        ))}
      </ul>
      {lines.length > most && <p className="text-muted-foreground">and {count(lines.length - most)} more</p>}
    </div>
  )
}
