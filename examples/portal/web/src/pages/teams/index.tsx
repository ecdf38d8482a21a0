import { useInfiniteQuery } from '@tanstack/react-query'
import { productsQuery } from '@/api/products'
import { useRows } from '@/api/query'
import { type Team, teamsQuery } from '@/api/teams'
import { DataTable, TableSkeleton } from '@/components/data-table'
import { Page } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { Empty, Failed } from '@/components/states'
import { Button } from '@/components/ui/button'
import { NativeSelect } from '@/components/ui/native-select'
import { counted } from '@/lib/time'
import { asked, useSearchText, useView, without, withValues } from '@/lib/url-state'
import { columns } from './columns'

const keyOf = (team: Team) => team.ref

/** Every team, with how much it owns and where that is. */
export default function Teams() {
  const [view, show] = useView()
  const [text, search] = useSearchText()
  const filters = asked(view, ['product'], ['q'])
  const sort = view.get('sort') ?? 'name'
  const list = useInfiniteQuery(teamsQuery({ ...filters, sort }))
  const rows = useRows(list)
  const products = useRows(useInfiniteQuery(productsQuery({}))).rows
  const product = view.get('product') ?? ''
  const filtered = Object.keys(filters).length > 0
  return (
    <Page
      title="Teams"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {list.data && counted(rows.total, 'team')}
        </span>
      }
    >
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <SearchBox
          label="Search teams"
          value={text}
          onSearch={search}
          className="min-w-48 flex-1 sm:max-w-sm"
        />
        <NativeSelect
          aria-label="Product"
          value={product}
          onChange={(event) => show(withValues(view, 'product', [event.target.value]))}
          className="min-w-40"
        >
          <option value="">All products</option>
          {products.map(({ name, display_name }) => (
            <option key={name} value={name}>
              {display_name}
            </option>
          ))}
          {product !== '' && !products.some(({ name }) => name === product) && (
            <option value={product}>{product}</option>
          )}
        </NativeSelect>
      </div>
      {list.isPending ? (
        <div role="status" aria-label="Loading teams">
          <TableSkeleton />
        </div>
      ) : list.isError && !list.data ? (
        <Failed what="list of teams" error={list.error} retry={() => void list.refetch()} />
      ) : rows.total === 0 ? (
        <Empty
          title={filtered ? 'No team matches' : 'No teams yet'}
          action={
            filtered && (
              <Button variant="outline" onClick={() => show(without(view, ['product', 'q']))}>
                Clear all filters
              </Button>
            )
          }
        >
          {filtered
            ? 'Take a filter away, or search for less.'
            : 'They come from the directory, or from [[team]] in the configuration. Until then, owners that tags name are “unregistered”.'}
        </Empty>
      ) : (
        <DataTable
          {...rows}
          label="Teams"
          columns={columns}
          keyOf={keyOf}
          sort={sort}
          onSort={(next) => show(withValues(view, 'sort', next === 'name' ? [] : [next]))}
        />
      )}
    </Page>
  )
}
