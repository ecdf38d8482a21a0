import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, Pencil, UserRoundPen, Waypoints } from 'lucide-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Versioned } from '@/api/client'
import { type Resource, resourceQuery } from '@/api/resources'
import { whyQuery } from '@/api/why'
import { ChangeLog } from '@/components/changes'
import { Copyable } from '@/components/copyable'
import { Card, Page, Section } from '@/components/page'
import { Failed, StaleMark } from '@/components/states'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { localOf, shortName } from '@/lib/refs'
import { AssignDialog } from './AssignDialog'
import { BlastRadius } from './BlastRadius'
import { EditDialog } from './EditDialog'
import { Facts } from './Facts'
import { Pairs } from './Pairs'
import { Related } from './Related'
import { Story } from './Story'

/** Why does this exist: who owns it and why, who uses it, what made it, and what hangs on it. */
export default function ResourcePage() {
  const [path] = useLocation()
  // Not wouter's own reading of the path, which is decoded once already.
  const id = localOf(path === location.pathname ? path : location.pathname, '/resources/')
  const { data, error, refetch, isError } = useQuery(resourceQuery(id))
  const resource = data?.data
  const [dialog, setDialog] = useState<'edit' | 'assign' | null>(null)
  const close = () => setDialog(null)
  return (
    <Page
      title={resource?.display_name ?? shortName(`resource:${id}`)}
      above={
        <Link href="/resources" className="link inline-flex items-center gap-1">
          <ChevronLeft aria-hidden className="size-4" /> Resources
        </Link>
      }
      beside={
        resource && (
          <>
            <Badge tone="outline">{resource.type}</Badge>
            {resource.stale && <StaleMark />}
            {resource.hidden && <Badge title={resource.hidden.why ?? undefined}>Hidden</Badge>}
          </>
        )
      }
      description={<Copyable text={resource?.arn ?? id} />}
      actions={
        resource && (
          <>
            <Button variant="outline" asChild>
              <Link href={`/graph?ref=${encodeURIComponent(resource.ref)}`}>
                <Waypoints aria-hidden /> Graph
              </Link>
            </Button>
            <Button variant="outline" onClick={() => setDialog('assign')}>
              <UserRoundPen aria-hidden /> Assign
            </Button>
            <Button variant="outline" onClick={() => setDialog('edit')}>
              <Pencil aria-hidden /> Edit
            </Button>
          </>
        )
      }
    >
      {data ? (
        <Whole version={data} />
      ) : isError ? (
        <Failed what="resource" error={error} retry={() => void refetch()} />
      ) : (
        <Loading />
      )}
      {data && dialog === 'edit' && <EditDialog version={data} close={close} />}
      {data && dialog === 'assign' && <AssignDialog version={data} close={close} />}
    </Page>
  )
}

function Whole({ version }: { version: Versioned<Resource> }) {
  const resource = version.data
  const why = useQuery(whyQuery(resource.ref))
  return (
    <div className="grid gap-x-8 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-8">
        {resource.description && (
          <p className="-mb-2 max-w-prose text-base text-pretty whitespace-pre-line">
            {resource.description}
          </p>
        )}
        <Story version={version} why={why} />
        <Related why={why} />
        <BlastRadius resource={resource} />
        <Section title="Change log">
          <ChangeLog of={{ ref: resource.ref }} />
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-8">
        <Section title="About">
          <Card className="p-4">
            <Facts resource={resource} />
          </Card>
        </Section>
        <Pairs
          title="Tags"
          pairs={resource.tags}
          none={
            resource.ownership === 'unknown' ? 'Its tags could not be read.' : 'It was read, and has no tags.'
          }
          to={(key, value) => `/resources?tag=${encodeURIComponent(value === '' ? key : `${key}=${value}`)}`}
        />
        <Pairs title="Attributes" pairs={resource.attributes ?? {}} none="No source says more about it." />
      </div>
    </div>
  )
}

/** The shape of the page, so that nothing jumps when it comes. */
function Loading() {
  return (
    <div
      role="status"
      aria-label="Loading the resource"
      className="grid gap-8 xl:grid-cols-[minmax(0,1fr)_22rem]"
    >
      <Skeleton className="h-64" />
      <Skeleton className="h-80" />
    </div>
  )
}
