import { Link } from 'wouter'
import type { Service } from '@/api/services'
import { RelativeTime } from '@/components/relative-time'
import { ServiceMenu } from '@/components/service/ServiceActions'
import { ServiceLinkIcons } from '@/components/service/ServiceLinks'
import { StaleMark } from '@/components/states'
import { StatusLabel } from '@/components/status'
import { Tags } from '@/components/tags'
import { TeamChip } from '@/components/team-chip'
import { Badge } from '@/components/ui/badge'
import { Skeleton } from '@/components/ui/skeleton'
import { byStage } from '@/lib/matrix'
import { pathOf } from '@/lib/refs'

const height_px = { plain: 164, described: 212 }

/** Cards beside each other are of one height: with a place for words where one of them has some. */
const isDescribed = (row: readonly Service[]) => row.some(({ description }) => description)

export const cardHeight = (row: readonly Service[]) =>
  isDescribed(row) ? height_px.described : height_px.plain

export function ServiceCard({ service, row }: { service: Service; row: readonly Service[] }) {
  return (
    <article
      aria-label={service.name}
      className="flex h-full flex-col rounded-lg border bg-card px-4 pt-3.5 pb-2.5 hover:border-input"
    >
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base leading-6 font-semibold tracking-tight">
            <Link href={pathOf(service.ref) ?? '/services'} className="link" title={service.name}>
              {service.name}
            </Link>
          </h2>
          <p className="truncate text-xs text-muted-foreground">
            {service.namespace} · {service.kind.replaceAll('-', ' ')}
          </p>
        </div>
        <ServiceMenu service={service} className="-mt-1 -mr-2" />
      </div>
      <div className="mt-2 flex items-center gap-2">
        <StatusLabel status={service.status} />
        {service.stale && <StaleMark />}
        {service.last_checked_at && (
          <span className="truncate text-xs text-muted-foreground">
            checked <RelativeTime time={service.last_checked_at} />
          </span>
        )}
      </div>
      {isDescribed(row) && (
        <p className="mt-1.5 line-clamp-2 shrink-0 text-muted-foreground">
          {service.description || 'No description yet.'}
        </p>
      )}
      <div className="mt-auto flex h-7 items-center gap-2 overflow-hidden">
        <span className="flex shrink-0 gap-1">
          {[...service.environments].sort(byStage).map((environment) => (
            <Badge key={environment}>{environment}</Badge>
          ))}
        </span>
        {service.tags.length > 0 && <Tags tags={service.tags} limit={1} one_line />}
      </div>
      <div className="flex h-8 items-center justify-between gap-2">
        <TeamChip team={service.team} ownership={service.ownership} />
        <ServiceLinkIcons service={service} />
      </div>
    </article>
  )
}

export function ServiceCardSkeleton() {
  return (
    <div aria-hidden className="flex h-full flex-col gap-3 rounded-lg border bg-card p-4">
      <Skeleton className="h-5 w-1/2" />
      <Skeleton className="h-4 w-1/3" />
      <Skeleton className="h-4 w-1/4" />
      <Skeleton className="mt-auto h-4 w-2/3" />
      <Skeleton className="h-5 w-1/3" />
    </div>
  )
}
