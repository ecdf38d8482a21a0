import type { Schemas } from '@/api/client'
import { Card } from '@/components/page'
import { StaleMark } from '@/components/states'
import { StatusLabel } from '@/components/status'
import { Badge } from '@/components/ui/badge'
import { Table, TableCell, TableHead } from '@/components/ui/table'

type Workload = Schemas['Workload']

/** What runs where: one row for each running copy. */
export function Workloads({ workloads }: { workloads: readonly Workload[] }) {
  if (workloads.length === 0) return <p className="text-muted-foreground">No source shows where it runs.</p>
  return (
    <Card className="overflow-x-auto">
      <Table className="min-w-[40rem]">
        <thead className="border-b">
          <tr>
            <TableHead className="w-32">Environment</TableHead>
            <TableHead className="w-32">Status</TableHead>
            <TableHead className="w-20">Ready</TableHead>
            <TableHead>Version</TableHead>
            <TableHead>Place</TableHead>
          </tr>
        </thead>
        <tbody>
          {workloads.map((workload) => (
            <tr key={workload.ref} className="h-13 border-b border-border/60 last:border-0">
              <TableCell>
                <Badge>{workload.environment ?? 'no environment'}</Badge>
              </TableCell>
              <TableCell>
                <StatusLabel status={workload.status} />
                {workload.stale && <StaleMark />}
              </TableCell>
              <TableCell className="tabular-nums">
                {workload.replicas ? `${workload.replicas.ready} of ${workload.replicas.desired}` : '–'}
              </TableCell>
              <TableCell title={workload.image ?? ''}>
                <span className="font-mono text-xs">{version(workload.image)}</span>
                {workload.schedule && (
                  <span className="block truncate text-xs text-muted-foreground">
                    runs {workload.schedule}
                  </span>
                )}
              </TableCell>
              <TableCell title={workload.ref}>
                <span className="block truncate">{workload.cluster ?? workload.region}</span>
                <span className="block truncate text-xs text-muted-foreground">
                  {workload.kind} {workload.name}
                </span>
              </TableCell>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  )
}

/** What tells two copies apart: the image's tag or digest, without the registry. */
function version(image: string | null | undefined) {
  if (!image) return '–'
  const last = image.slice(image.lastIndexOf('/') + 1)
  const at = last.indexOf('@sha256:')
  if (at >= 0) return last.slice(at + 1, at + 20)
  return last.slice(last.indexOf(':') + 1)
}
