import type { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Rows } from '@/api/query'
import type { Service } from '@/api/services'
import { DataTable, TableSkeleton } from '@/components/data-table'
import { Empty, Failed } from '@/components/states'
import { VirtualGrid } from '@/components/virtual-grid'
import { columns } from './columns'
import { cardHeight, ServiceCard, ServiceCardSkeleton } from './ServiceCard'

/** The list in each of its states: loading, failed, empty, cards, table. */
export function Results({
  list,
  rows,
  as_table,
  sort,
  onSort,
  empty_action,
  filtered,
}: {
  list: Pick<ReturnType<typeof useInfiniteQuery>, 'isPending' | 'isError' | 'data' | 'error' | 'refetch'>
  rows: Rows<Service>
  as_table: boolean
  sort: string
  onSort: (sort: string) => void
  empty_action: ReactNode
  filtered: boolean
}) {
  if (list.isPending) return as_table ? <TableSkeleton /> : <CardsSkeleton />
  if (list.isError && !list.data)
    return <Failed what="list of services" error={list.error} retry={() => void list.refetch()} />
  if (rows.total === 0)
    return (
      <Empty title={filtered ? 'No service matches' : 'No services yet'} action={empty_action}>
        {filtered
          ? 'Take a filter away, or search for less.'
          : 'They come by themselves from what is collected: Kubernetes workloads and functions. What no source shows can be added by hand.'}
      </Empty>
    )
  const shared = { ...rows, label: 'Services', keyOf: (service: Service) => service.ref }
  if (as_table) return <DataTable {...shared} columns={columns} sort={sort} onSort={onSort} />
  const { rows: items, ...rest } = shared
  return (
    <VirtualGrid
      {...rest}
      items={items}
      min_width_px={264}
      heightOf={cardHeight}
      card={(service, row) => <ServiceCard service={service} row={row} />}
      skeleton={<ServiceCardSkeleton />}
    />
  )
}

function CardsSkeleton() {
  return (
    <div
      role="status"
      aria-label="Loading services"
      className="grid grid-cols-[repeat(auto-fill,minmax(264px,1fr))] gap-3"
    >
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} style={{ height: cardHeight([]) }}>
          <ServiceCardSkeleton />
        </div>
      ))}
    </div>
  )
}
