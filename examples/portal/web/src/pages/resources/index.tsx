import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useRows } from '@/api/query'
import { type Resource, resource_filters, resourcesOf } from '@/api/resources'
import { DataTable, TableSkeleton } from '@/components/data-table'
import { FacetPanel, FilterButton, FilterChips } from '@/components/facets'
import { Page } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { Empty, Failed } from '@/components/states'
import { Button } from '@/components/ui/button'
import { counted } from '@/lib/time'
import { useSearchText, useView, without, withValues } from '@/lib/url-state'
import { columns } from './columns'
import { Export } from './Export'
import { facets } from './filters'
import { TagFilter } from './TagFilter'

const keyOf = (resource: Resource) => resource.ref

/** Every resource of every account, sliced as one likes. */
export default function Resources() {
  const [view, show] = useView()
  const [text, search] = useSearchText()
  const { filters, sort, ...questions } = resourcesOf(view)
  const list = useInfiniteQuery(questions.list)
  const rows = useRows(list)
  const counts = useQuery(questions.counts).data

  const filtered = Object.keys(filters).length > 0
  const filter = { facets, counts, view, show }
  return (
    <Page
      title="Resources"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {list.data && counted(rows.total, 'resource')}
        </span>
      }
      actions={<Export asked={{ ...filters, sort }} total={rows.total} />}
    >
      <div className="flex gap-6">
        <FacetPanel {...filter} />
        <div className="min-w-0 flex-1">
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <SearchBox
              label="Search resources"
              value={text}
              onSearch={search}
              className="min-w-48 flex-1 sm:max-w-sm"
            />
            <TagFilter
              known={counts?.tag ?? []}
              add={(tag) => show(withValues(view, 'tag', [...new Set([...view.getAll('tag'), tag])]))}
            />
            <FilterButton {...filter} />
          </div>
          <div className="mb-3 empty:hidden">
            <FilterChips {...filter} />
          </div>
          {list.isPending ? (
            <div role="status" aria-label="Loading resources">
              <TableSkeleton rows={16} />
            </div>
          ) : list.isError && !list.data ? (
            <Failed what="list of resources" error={list.error} retry={() => void list.refetch()} />
          ) : rows.total === 0 ? (
            <Empty
              title={filtered ? 'No resource matches' : 'No resources yet'}
              action={
                filtered && (
                  <Button variant="outline" onClick={() => show(without(view, [...resource_filters, 'q']))}>
                    Clear all filters
                  </Button>
                )
              }
            >
              {filtered
                ? 'Take a filter away, or search for less.'
                : 'They come by themselves from what is collected: buckets, databases, queues, and whatever else the accounts hold.'}
            </Empty>
          ) : (
            <DataTable
              {...rows}
              label="Resources"
              columns={columns}
              keyOf={keyOf}
              sort={sort}
              onSort={(next) => show(withValues(view, 'sort', next === 'name' ? [] : [next]))}
            />
          )}
        </div>
      </div>
    </Page>
  )
}
