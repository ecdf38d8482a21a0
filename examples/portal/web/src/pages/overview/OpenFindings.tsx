import { CircleCheck } from 'lucide-react'
import { Link } from 'wouter'
import { type FindingKind, finding_kinds } from '@/api/findings'
import { Card, Section } from '@/components/page'
import { Skeleton } from '@/components/ui/skeleton'
import { count } from '@/lib/time'

export function OpenFindings({ counts }: { counts: Record<FindingKind, number> | undefined }) {
  const kinds = (Object.keys(finding_kinds) as FindingKind[]).filter((kind) => counts?.[kind])
  return (
    <Section title="Findings">
      {!counts ? (
        <Skeleton className="h-40" />
      ) : kinds.length === 0 ? (
        <Card className="flex items-center gap-2 p-5 text-muted-foreground">
          <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" /> Nothing that a person should look
          at.
        </Card>
      ) : (
        <Card>
          <ul>
            {kinds.map((kind) => (
              <li key={kind} className="border-b border-border/60 last:border-0">
                <Link
                  href={`/findings?kind=${kind}`}
                  className="flex min-h-11 items-center gap-4 px-4 py-2 hover:bg-muted/60"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium">{finding_kinds[kind].word}</span>
                    <span className="block text-xs text-muted-foreground">{finding_kinds[kind].meaning}</span>
                  </span>
                  <span className="text-base font-semibold tabular-nums">{count(counts[kind])}</span>
                </Link>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </Section>
  )
}
