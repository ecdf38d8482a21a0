import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ChevronLeft, Waypoints } from 'lucide-react'
import { Link } from 'wouter'
import { holdingsQuery } from '@/api/holdings'
import { told } from '@/api/problem'
import { type Product, productQuery } from '@/api/products'
import { useRows } from '@/api/query'
import { servicesQuery } from '@/api/services'
import { allTeamsQuery } from '@/api/teams'
import { HoldingsMatrix } from '@/components/holdings-matrix'
import { Card, Page, Section } from '@/components/page'
import { Failed } from '@/components/states'
import { StatusLabel } from '@/components/status'
import { TeamChip } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { Table, TableCell, TableHead } from '@/components/ui/table'
import { pathOf } from '@/lib/refs'
import { count, counted } from '@/lib/time'

const most_services = 25

export function OneProduct({ name }: { name: string }) {
  const { data: product, error, refetch, isError } = useQuery(productQuery(name))
  return (
    <Page
      title={product?.display_name ?? name}
      above={
        <Link href="/products" className="link inline-flex items-center gap-1">
          <ChevronLeft aria-hidden className="size-4" /> Products
        </Link>
      }
      description={
        product &&
        `${counted(product.teams.length, 'team')}, ${counted(product.counts.services, 'service')}, ${counted(product.counts.resources, 'resource')}`
      }
      actions={
        product && (
          <Button variant="outline" asChild>
            <Link href={`/graph?ref=${encodeURIComponent(product.ref)}`}>
              <Waypoints aria-hidden /> Graph
            </Link>
          </Button>
        )
      }
    >
      {product ? (
        <Whole product={product} />
      ) : isError ? (
        <Failed what="product" error={error} retry={() => void refetch()} />
      ) : (
        <div role="status" aria-label="Loading the product" className="grid gap-8">
          <Skeleton className="h-56" />
          <Skeleton className="h-56" />
        </div>
      )}
    </Page>
  )
}

function Whole({ product }: { product: Product }) {
  const filter = `product=${encodeURIComponent(product.name)}`
  const holdings = useQuery(holdingsQuery({ product: [product.name] }))
  return (
    <div className="flex flex-col gap-8">
      <div className="grid gap-x-8 gap-y-8 xl:grid-cols-2">
        <Teams product={product} />
        <Section title="What is there, and where">
          {holdings.data ? (
            holdings.data.matrix.rows.length === 0 ? (
              <p className="text-muted-foreground">Nothing that was read is a part of it.</p>
            ) : (
              <HoldingsMatrix
                label={`What ${product.display_name} has in each environment`}
                matrix={holdings.data.matrix}
                filter={filter}
              />
            )
          ) : holdings.isError ? (
            <p role="alert" className="text-muted-foreground">
              It could not be counted. {told(holdings.error)}
            </p>
          ) : (
            <Skeleton className="h-60" />
          )}
        </Section>
      </div>
      <Services product={product} />
    </div>
  )
}

function Teams({ product }: { product: Product }) {
  const teams = useQuery(allTeamsQuery).data ?? []
  const known = new Map(teams.map((team) => [team.name, team]))
  return (
    <Section
      title="Teams"
      beside={<span className="text-muted-foreground tabular-nums">{count(product.teams.length)}</span>}
    >
      {product.teams.length === 0 ? (
        <p className="text-muted-foreground">No team works on it.</p>
      ) : (
        <Card>
          <Table aria-label="Teams of the product">
            <thead className="border-b">
              <tr>
                <TableHead>Team</TableHead>
                <TableHead className="w-24 text-right">Services</TableHead>
                <TableHead className="w-26 text-right">Resources</TableHead>
              </tr>
            </thead>
            <tbody>
              {product.teams.map((name) => {
                const counts = known.get(name)?.counts
                return (
                  <tr key={name} className="h-10 border-b border-border/60 last:border-0">
                    <TableCell>
                      <TeamChip team={name} />
                    </TableCell>
                    <TableCell className="text-right tabular-nums">
                      {counts ? count(counts.services) : '–'}
                    </TableCell>
                    <TableCell className="text-right tabular-nums">
                      {counts ? count(counts.resources) : '–'}
                    </TableCell>
                  </tr>
                )
              })}
            </tbody>
          </Table>
        </Card>
      )}
    </Section>
  )
}

function Services({ product }: { product: Product }) {
  const list = useInfiniteQuery(servicesQuery({ product: [product.name], sort: 'status' }))
  const { rows, total } = useRows(list)
  return (
    <Section
      title="Services"
      beside={
        total > most_services ? (
          <Link
            href={`/services?product=${encodeURIComponent(product.name)}`}
            className="link text-muted-foreground"
          >
            All {count(total)}
          </Link>
        ) : (
          <span className="text-muted-foreground tabular-nums">{list.data && count(total)}</span>
        )
      }
    >
      {list.isPending ? (
        <Skeleton className="h-40" />
      ) : list.isError && !list.data ? (
        <p role="alert" className="text-muted-foreground">
          The services could not be read. {told(list.error)}
        </p>
      ) : total === 0 ? (
        <p className="text-muted-foreground">No service is a part of it.</p>
      ) : (
        <Card>
          <Table aria-label="Services of the product">
            <thead className="border-b">
              <tr>
                <TableHead>Service</TableHead>
                <TableHead className="w-40">Team</TableHead>
                <TableHead className="w-30">Status</TableHead>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, most_services).map((service) => (
                <tr key={service.ref} className="h-10 border-b border-border/60 last:border-0">
                  <TableCell>
                    <Link href={pathOf(service.ref) ?? '/services'} className="link font-medium">
                      {service.display_name}
                    </Link>
                  </TableCell>
                  <TableCell>
                    <TeamChip team={service.team} ownership={service.ownership} />
                  </TableCell>
                  <TableCell>
                    <StatusLabel status={service.status} />
                  </TableCell>
                </tr>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
    </Section>
  )
}
