import type { ReactNode } from 'react'
import type { Schemas } from '@/api/client'
import { Card } from '@/components/page'
import { StaleMark } from '@/components/states'
import { StatusLabel } from '@/components/status'
import { Table, TableCell, TableHead } from '@/components/ui/table'

type Workload = Schemas['Workload']

/** What runs where: one row for each running copy. */
export function Workloads({ workloads }: { workloads: readonly Workload[] }) {
  if (workloads.length === 0) return <p className="text-muted-foreground">No source shows where it runs.</p>
  return (
    <Card className="@container">
      <Table aria-label="Running copies">
        <thead className="border-b">
          <tr>
            <TableHead>Environment</TableHead>
            <TableHead className="w-30">Status</TableHead>
            <TableHead className="hidden w-20 @sm:table-cell">Ready</TableHead>
            <TableHead>Version</TableHead>
          </tr>
        </thead>
        <tbody>
          {workloads.map((workload) => (
            <tr key={workload.ref} className="border-b border-border/60 last:border-0">
              <TableCell className="py-2" title={workload.ref}>
                <Two first={workload.environment ?? 'No environment'} second={place(workload)} />
              </TableCell>
              <TableCell>
                <StatusLabel status={workload.status} />
                {workload.stale && <StaleMark />}
              </TableCell>
              <TableCell className="hidden tabular-nums @sm:table-cell">
                {workload.replicas ? `${workload.replicas.ready} of ${workload.replicas.desired}` : '–'}
              </TableCell>
              <TableCell title={workload.image ?? undefined}>
                <Two
                  first={<span className="font-mono text-xs font-normal">{version(workload.image)}</span>}
                  second={`${workload.kind} ${workload.schedule ?? ''}`}
                />
              </TableCell>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

function Two({ first, second }: { first: ReactNode; second: string }) {
  return (
    <>
      <span className="block truncate font-medium">{first}</span>
      <span className="block truncate text-xs text-muted-foreground">{second}</span>
    </>
  )
}

const place = ({ cluster, region, account }: Workload) =>
  [cluster ?? account, region].filter((part) => part != null).join(' · ')

/** What tells two copies apart: the image's tag or digest, without the registry. */
function version(image: string | null | undefined) {
  if (!image) return '–'
  const last = image.slice(image.lastIndexOf('/') + 1)
  const digest = last.indexOf('@sha256:')
  if (digest >= 0) return last.slice(digest + 1, digest + 20)
  return last.slice(last.indexOf(':') + 1)
}
