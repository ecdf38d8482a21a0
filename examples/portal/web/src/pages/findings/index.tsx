import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import {
  type Finding,
  type FindingKind,
  finding_kinds,
  findingCountsQuery,
  findingsQuery,
} from '@/api/findings'
import { useRows } from '@/api/query'
import { EntityLink } from '@/components/entity-link'
import { Message } from '@/components/message'
import { Card, Page } from '@/components/page'
import { Empty, Failed } from '@/components/states'
import { ToggleRow } from '@/components/toggle-row'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { whereOf } from '@/lib/refs'
import { count, counted } from '@/lib/time'
import { toggled, useView, without } from '@/lib/url-state'

/** What a person should look at, of each kind with what to do about it. */
export default function Findings() {
  const [view, show] = useView()
  const chosen = view.getAll('kind').filter((kind): kind is FindingKind => kind in finding_kinds)
  const counts = useQuery(findingCountsQuery).data
  const list = useInfiniteQuery(findingsQuery(chosen))
  const { rows, total, more } = useRows(list)
  const kinds = (Object.keys(finding_kinds) as FindingKind[]).filter(
    (kind) => counts?.[kind] || chosen.includes(kind),
  )
  return (
    <Page
      title="Findings"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {list.data && counted(total, 'finding')}
        </span>
      }
      description="What the portal wants a person to see. Each goes by itself when its cause is mended and read again."
    >
      {kinds.length > 0 && (
        <ToggleRow
          label="Kinds of findings"
          options={kinds.map((kind) => ({
            value: kind,
            word: finding_kinds[kind].word,
            n: counts?.[kind],
          }))}
          chosen={chosen}
          toggle={(kind) => show(toggled(view, 'kind', kind))}
        />
      )}
      {list.isPending ? (
        <Skeleton className="h-96" />
      ) : list.isError && !list.data ? (
        <Failed what="list of findings" error={list.error} retry={() => void list.refetch()} />
      ) : total === 0 ? (
        <Empty
          icon={CircleCheck}
          title={chosen.length > 0 ? 'Nothing of this kind' : 'Nothing to look at'}
          action={
            chosen.length > 0 && (
              <Button variant="outline" onClick={() => show(without(view, ['kind']))}>
                Show all kinds
              </Button>
            )
          }
        >
          The newest collection found nothing that a person should look at.
        </Empty>
      ) : (
        <>
          {chosen.length === 1 && chosen[0] && (
            <p className="mb-3 text-muted-foreground">{finding_kinds[chosen[0]].meaning}</p>
          )}
          <Card>
            <ul aria-label="Findings">
              {rows.map((finding, index) => (
                <Row key={`${finding.kind} ${finding.ref} ${index}`} finding={finding} />
              ))}
            </ul>
          </Card>
          {rows.length < total && (
            <Button variant="outline" className="mt-4" disabled={list.isFetching} onClick={more}>
              Show more of {count(total)}
            </Button>
          )}
        </>
      )}
    </Page>
  )
}

function Row({ finding: { kind, ref, message } }: { finding: Finding }) {
  const known = finding_kinds[kind]
  return (
    <li className="grid gap-x-4 gap-y-1 border-b border-border/60 px-4 py-2.5 last:border-0 lg:grid-cols-[11rem_minmax(0,18rem)_minmax(0,1fr)] lg:items-start">
      <span>
        <Badge tone={kind === 'conflict' ? 'warn' : 'idle'} title={known?.meaning}>
          {known?.word ?? kind}
        </Badge>
      </span>
      {ref && (
        <span className="min-w-0">
          <EntityLink entity={ref} />
          <span className="block truncate pl-5.5 text-xs text-muted-foreground">{whereOf(ref)}</span>
        </span>
      )}
      <span className="min-w-0 text-pretty wrap-anywhere text-muted-foreground lg:col-start-3">
        <Message message={message} about={ref ?? null} />
      </span>
    </li>
  )
}
