import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { type Product, productsQuery } from '@/api/products'
import { useRows } from '@/api/query'
import { Page } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { Empty, Failed } from '@/components/states'
import { TeamChip } from '@/components/team-chip'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { VirtualGrid } from '@/components/virtual-grid'
import { byStage } from '@/lib/matrix'
import { pathOf } from '@/lib/refs'
import { count, counted } from '@/lib/time'
import { asked, useSearchText, useView, without } from '@/lib/url-state'

const card_height_px = 174

export function ProductList() {
  const [view, show] = useView()
  const [text, search] = useSearchText()
  const filters = asked(view, [], ['q'])
  const list = useInfiniteQuery(productsQuery(filters))
  const { rows, total, more } = useRows(list)
  return (
    <Page
      title="Products"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {list.data && counted(total, 'product')}
        </span>
      }
      description="What the business sells or runs. Teams and services roll up to them."
    >
      <div className="mb-3 flex">
        <SearchBox
          label="Search products"
          value={text}
          onSearch={search}
          className="min-w-48 flex-1 sm:max-w-sm"
        />
      </div>
      {list.isPending ? (
        <div
          role="status"
          aria-label="Loading products"
          className="grid grid-cols-[repeat(auto-fill,minmax(280px,1fr))] gap-3"
        >
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} style={{ height: card_height_px }} />
          ))}
        </div>
      ) : list.isError && !list.data ? (
        <Failed what="list of products" error={list.error} retry={() => void list.refetch()} />
      ) : total === 0 ? (
        <Empty
          title={text ? 'No product matches' : 'No products yet'}
          action={
            text && (
              <Button variant="outline" onClick={() => show(without(view, ['q']))}>
                Clear the search
              </Button>
            )
          }
        >
          {text
            ? 'Search for less.'
            : 'They come from teams: a group in the directory, or product = "…" of a [[team]] in the configuration.'}
        </Empty>
      ) : (
        <VirtualGrid
          label="Products"
          items={rows}
          total={total}
          more={more}
          keyOf={(product) => product.ref}
          card={(product) => <ProductCard product={product} />}
          skeleton={<Skeleton className="h-full" />}
          min_width_px={280}
          heightOf={() => card_height_px}
        />
      )}
    </Page>
  )
}

function ProductCard({ product }: { product: Product }) {
  const { name, display_name, teams, counts } = product
  const environments = Object.keys(counts.by_environment).sort(byStage)
  const filter = `product=${encodeURIComponent(name)}`
  return (
    <article
      aria-label={display_name}
      className="flex h-full flex-col rounded-lg border bg-card px-4 pt-3.5 pb-3 hover:border-input"
    >
      <h2 className="truncate text-base leading-6 font-semibold tracking-tight">
        <Link href={pathOf(product.ref) ?? '/products'} className="link" title={display_name}>
          {display_name}
        </Link>
      </h2>
      <p className="mt-1 flex flex-wrap gap-x-4 text-muted-foreground">
        <Link href={`/services?${filter}`} className="link">
          <span className="font-semibold text-foreground tabular-nums">{count(counts.services)}</span>{' '}
          {counts.services === 1 ? 'service' : 'services'}
        </Link>
        <Link href={`/resources?${filter}`} className="link">
          <span className="font-semibold text-foreground tabular-nums">{count(counts.resources)}</span>{' '}
          {counts.resources === 1 ? 'resource' : 'resources'}
        </Link>
      </p>
      <div className="mt-auto flex h-7 items-center gap-1 overflow-hidden">
        {environments.map((environment) => (
          <Badge key={environment}>{environment}</Badge>
        ))}
      </div>
      <div className="mt-1 flex min-h-14 flex-wrap content-start gap-x-3 gap-y-1 overflow-hidden border-t pt-2">
        {teams.length === 0 ? (
          <span className="text-muted-foreground">No team works on it</span>
        ) : (
          teams.slice(0, 4).map((team) => (
            <span key={team} className="flex max-w-full min-w-0">
              <TeamChip team={team} />
            </span>
          ))
        )}
        {teams.length > 4 && <span className="text-muted-foreground">+{teams.length - 4}</span>}
      </div>
    </article>
  )
}
