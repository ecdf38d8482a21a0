import { useQuery } from '@tanstack/react-query'
import { BadgeCheck, CircleX, ClipboardList, History } from 'lucide-react'
import { type Facets, facetsQuery } from '@/api/facets'
import { type FindingKind, finding_kinds, findingCountsQuery } from '@/api/findings'
import { sourcesQuery } from '@/api/sources'
import { Page } from '@/components/page'
import { portion } from '@/components/share-bar'
import { Stat } from '@/components/stat'
import { Failed } from '@/components/states'
import { gapsOf, sumsOf } from '@/lib/coverage'
import { count, counted, duration, useNow } from '@/lib/time'
import { OpenFindings } from './OpenFindings'
import { OwnershipShares } from './OwnershipShares'
import { ReadState } from './ReadState'
import { Unhealthy } from './Unhealthy'

const countOf = (facets: Facets | undefined, facet: string, value: string) =>
  facets && (facets[facet]?.find((one) => one.value === value)?.count ?? 0)
const sumOf = (facets: Facets | undefined, facet: string) =>
  facets && (facets[facet] ?? []).reduce((sum, { count }) => sum + count, 0)

/** The few numbers that matter, each a way to what it counts. */
export default function Overview() {
  const resources = useQuery(facetsQuery('resources', {}))
  const services = useQuery(facetsQuery('services', {}))
  const findings = useQuery(findingCountsQuery)
  const sources = useQuery(sourcesQuery)
  const now = useNow()

  const all = [resources, services, findings, sources]
  const failed = all.find(({ isError, data }) => isError && !data)
  const again = () => {
    for (const query of all) void query.refetch()
  }

  const total = sumOf(resources.data, 'ownership')
  const owned = countOf(resources.data, 'ownership', 'owned')
  const unowned = countOf(resources.data, 'ownership', 'unowned')
  const down = countOf(services.data, 'status', 'down')
  const degraded = countOf(services.data, 'status', 'degraded')
  const found = findings.data && Object.values(findings.data).reduce((sum, n) => sum + n, 0)
  const sums = sources.data && sumsOf(sources.data.scopes)
  const oldest = sums?.map(({ oldest_read_at }) => Date.parse(oldest_read_at)).sort((a, b) => a - b)[0]
  const gaps = sources.data && gapsOf(sources.data.scopes)

  return (
    <Page title="Overview" description="Who owns what, what is not well, and how fresh all of it is.">
      {failed ? (
        <Failed what="overview" error={failed.error} retry={again} />
      ) : (
        <div className="flex flex-col gap-8">
          <ul aria-label="Numbers that matter" className="grid grid-cols-2 gap-3 xl:grid-cols-4 [&>li]:grid">
            <li>
              <Stat
                to={unowned ? '/orphans' : '/resources'}
                label="Resources owned"
                icon={BadgeCheck}
                text="text-ok"
                value={total === undefined || owned === undefined ? undefined : portion(owned, total)}
                detail={
                  total !== undefined &&
                  (total === 0
                    ? 'No resource is known yet'
                    : `${count(owned ?? 0)} of ${count(total)}; ${count(unowned ?? 0)} unowned`)
                }
              />
            </li>
            <li>
              <Stat
                to="/services?status=degraded&status=down"
                label="Services not well"
                icon={CircleX}
                text={down ? 'text-bad' : degraded ? 'text-warn' : 'text-muted-foreground'}
                value={down === undefined || degraded === undefined ? undefined : count(down + degraded)}
                detail={down !== undefined && `${count(down)} down, ${count(degraded ?? 0)} degraded`}
              />
            </li>
            <li>
              <Stat
                to="/findings"
                label="Findings"
                icon={ClipboardList}
                value={found === undefined ? undefined : count(found)}
                detail={findings.data && worst(findings.data)}
              />
            </li>
            <li>
              <Stat
                to="/sources"
                label="Oldest reading"
                icon={History}
                value={
                  sums === undefined
                    ? undefined
                    : oldest === undefined
                      ? 'None yet'
                      : duration(Math.max(0, now - oldest) / 1000)
                }
                detail={
                  gaps &&
                  (gaps.length === 0
                    ? 'Everything was read whole'
                    : `${counted(gaps.length, 'gap')} in what was read`)
                }
              />
            </li>
          </ul>
          <OwnershipShares resources={resources.data} services={services.data} />
          <div className="grid gap-8 xl:grid-cols-[minmax(0,6fr)_minmax(0,5fr)]">
            <Unhealthy />
            <OpenFindings counts={findings.data} />
          </div>
          <ReadState sums={sums} />
        </div>
      )}
    </Page>
  )
}

/** The first kind in the order of what matters, in words. */
function worst(counts: Record<FindingKind, number>) {
  const kinds = (Object.keys(finding_kinds) as FindingKind[]).filter((kind) => counts[kind] > 0)
  if (kinds.length === 0) return 'Nothing to look at'
  return kinds
    .slice(0, 2)
    .map((kind) => `${count(counts[kind])} ${finding_kinds[kind].word.toLowerCase()}`)
    .join(', ')
}
