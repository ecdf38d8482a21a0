import { useQuery } from '@tanstack/react-query'
import { Radar } from 'lucide-react'
import { holdsQuery, sourcesQuery } from '@/api/sources'
import { Page } from '@/components/page'
import { Empty, Failed } from '@/components/states'
import { Skeleton } from '@/components/ui/skeleton'
import { gapsOf, sumsOf } from '@/lib/coverage'
import { count, counted } from '@/lib/time'
import { useView, withValues } from '@/lib/url-state'
import { Gaps } from './Gaps'
import { Holds } from './Holds'
import { Matrix } from './Matrix'
import { SourceTabs } from './SourceTabs'

/** What each source could read, how fresh it is, what is missing, and what waits for a person. */
export default function Sources() {
  const [view, show] = useView()
  const sources = useQuery(sourcesQuery)
  const holds = useQuery(holdsQuery)
  const scopes = sources.data?.scopes
  const sums = scopes && sumsOf(scopes)
  const chosen = sums?.find(({ source }) => source === view.get('source')) ?? sums?.[0]
  const only_gaps = view.get('show') === 'gaps'
  return (
    <Page
      title="Sources"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {sources.data && counted(sources.data.total, 'scope')}
        </span>
      }
      description="What was read of each account, cluster and domain. Only what was read whole can take anything away; everything else keeps what was known."
    >
      {sources.isError && !sources.data ? (
        <Failed what="list of sources" error={sources.error} retry={() => void sources.refetch()} />
      ) : !scopes || !sums ? (
        <Skeleton className="h-96" />
      ) : !chosen ? (
        <Empty icon={Radar} title="Nothing was collected yet">
          <code className="font-mono text-xs">portal collect</code> reads the configured sources, and{' '}
          <code className="font-mono text-xs">portal ingest</code> brings them here.
        </Empty>
      ) : (
        <div className="flex flex-col gap-8">
          <Holds holds={holds.data?.items ?? []} />
          <Gaps gaps={gapsOf(scopes)} />
          <section aria-label="Coverage" className="min-w-0">
            <SourceTabs
              sums={sums}
              chosen={chosen.source}
              choose={(source) => show(withValues(view, 'source', [source]))}
              only_gaps={only_gaps}
              onlyGaps={(on) => show(withValues(view, 'show', on ? ['gaps'] : []))}
            />
            <Matrix
              key={chosen.source}
              scopes={scopes.filter(({ source }) => source === chosen.source)}
              only_gaps={only_gaps}
            />
            {sources.data && sources.data.total > scopes.length && (
              <p className="mt-3 text-muted-foreground">
                The first {count(scopes.length)} of {count(sources.data.total)} scopes are shown;{' '}
                <code className="font-mono text-xs">portal sources</code> lists all of them.
              </p>
            )}
          </section>
        </div>
      )}
    </Page>
  )
}
