import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, Eye, EyeOff, Pencil, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link, useLocation, useParams } from 'wouter'
import type { Schemas } from '@/api/client'
import { type Service, serviceQuery } from '@/api/services'
import { whyQuery } from '@/api/why'
import { ChangeLog } from '@/components/changes'
import { Copyable } from '@/components/copyable'
import { EntityLink } from '@/components/entity-link'
import { ExternalLink } from '@/components/external-link'
import { Story } from '@/components/ownership/Story'
import { Card, Page, Section } from '@/components/page'
import { Related } from '@/components/related'
import { RelativeTime } from '@/components/relative-time'
import { useServiceActions } from '@/components/service/ServiceActions'
import { linksOf } from '@/components/service/ServiceLinks'
import { Failed, StaleMark } from '@/components/states'
import { StatusLabel } from '@/components/status'
import { Tags } from '@/components/tags'
import { TeamChip } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { shortName } from '@/lib/refs'
import { StatusHistory } from './StatusHistory'
import { Workloads } from './Workloads'

type Linked = Schemas['Linked']

export default function ServicePage() {
  const { namespace = '', name = '' } = useParams<{ namespace: string; name: string }>()
  const { data, error, refetch, isError } = useQuery(serviceQuery({ namespace, name }))
  const service = data?.data
  return (
    <Page
      title={name}
      above={
        <Link href="/services" className="link inline-flex items-center gap-1">
          <ChevronLeft aria-hidden className="size-4" /> Services
        </Link>
      }
      beside={
        service && (
          <>
            <StatusLabel status={service.status} />
            {service.stale && <StaleMark />}
          </>
        )
      }
      description={<Copyable text={`service:${namespace}/${name}`} />}
      actions={service && <Actions service={service} />}
    >
      {service ? (
        <Whole service={service} />
      ) : isError ? (
        <Failed what="service" error={error} retry={() => void refetch()} />
      ) : (
        <Loading />
      )}
    </Page>
  )
}

function Actions({ service }: { service: Service }) {
  const [, navigate] = useLocation()
  const actions = useServiceActions(service, () => navigate('/services'))
  return (
    <>
      {service.hidden ? (
        <Button variant="outline" onClick={() => void actions.showAgain()} disabled={actions.showing}>
          <Eye aria-hidden /> Show again
        </Button>
      ) : (
        <Button variant="ghost" onClick={actions.startDelete} className="max-sm:order-last">
          {actions.is_added ? 'Delete' : 'Hide'}
        </Button>
      )}
      {actions.can_check && (
        <Button variant="outline" onClick={() => void actions.checkNow()} disabled={actions.checking}>
          <RefreshCw aria-hidden className={actions.checking ? 'animate-spin' : ''} /> Check now
        </Button>
      )}
      <Button variant="outline" onClick={() => void actions.startEdit()}>
        <Pencil aria-hidden /> Edit
      </Button>
      {actions.dialogs}
    </>
  )
}

function Whole({ service }: { service: Service }) {
  const why = useQuery(whyQuery(service.ref))
  return (
    <div className="grid gap-x-8 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-8">
        {service.hidden && (
          <p className="flex flex-wrap items-center gap-x-2 rounded-lg bg-idle-ground px-4 py-2.5">
            <EyeOff aria-hidden className="size-4 shrink-0" />
            <span>
              Hidden by {service.hidden.by} <RelativeTime time={service.hidden.at} />
              {service.hidden.why && `: ${service.hidden.why}`}. It stands in no list and no count.
            </span>
          </p>
        )}
        {service.description && <p className="max-w-prose text-base text-pretty">{service.description}</p>}
        {service.status_url && <StatusHistory service={service} />}
        <Story thing={service} why={why} />
        <Section title="Where it runs">
          <Workloads workloads={service.workloads ?? []} />
        </Section>
        <Related
          title="Depends on"
          links={linksTo(service.depends_on, why.data?.depends_on)}
          none="No other service was found in its configuration."
        />
        <Related
          title="Used by"
          links={linksTo(service.used_by, why.data?.used_by)}
          none="No other service was found to call it."
        />
        <Related
          title="Resources"
          links={linksTo(service.uses, why.data?.uses)}
          none="No resource was found in its configuration."
        />
        <Section title="Change log">
          <Card className="p-4">
            <ChangeLog of={{ ref: service.ref }} />
          </Card>
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-8">
        <Section title="About">
          <Card className="p-4">
            <Facts service={service} />
          </Card>
        </Section>
      </div>
    </div>
  )
}

/** The refs that came with the service, until their names and reasons are there as well. */
const linksTo = (refs: readonly string[] | undefined, known: Linked[] | undefined): Linked[] =>
  known ?? (refs ?? []).map((ref) => ({ ref, name: shortName(ref), evidence: [] }))

function Facts({ service }: { service: Service }) {
  const links = linksOf(service)
  const facts: [string, ReactNode][] = [
    ['Owner', <TeamChip key="team" team={service.team} ownership={service.ownership} />],
    ['Product', service.product && <EntityLink key="product" entity={`product:${service.product}`} />],
    ['Type', `${service.type} · ${service.kind.replaceAll('-', ' ')}`],
    [
      'Links',
      links.length > 0 && (
        <ul className="flex flex-col gap-1">
          {links.map(({ title, url }) => (
            <li key={`${title} ${url}`}>
              <ExternalLink href={url}>{title}</ExternalLink>
            </li>
          ))}
        </ul>
      ),
    ],
    ['Tags', service.tags.length > 0 && <Tags tags={service.tags} />],
    ['Checked', service.status_url && <RelativeTime time={service.last_checked_at} otherwise="not yet" />],
    ['Changed', <RelativeTime key="changed" time={service.updated_at} />],
    ['First seen', <RelativeTime key="first" time={service.first_seen} />],
  ]
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-2.5">
      {facts.map(
        ([term, value]) =>
          value && (
            <div key={term} className="col-span-2 grid grid-cols-subgrid">
              <dt className="text-muted-foreground">{term}</dt>
              <dd className="min-w-0">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** The shape of the page, so that nothing jumps when it comes. */
function Loading() {
  return (
    <div
      role="status"
      aria-label="Loading the service"
      className="grid gap-8 xl:grid-cols-[minmax(0,1fr)_22rem]"
    >
      <Skeleton className="h-56" />
      <Skeleton className="h-80" />
    </div>
  )
}
