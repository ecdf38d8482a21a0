import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { EyeOff, LayoutGrid, type LucideIcon, Plus, Rows3 } from 'lucide-react'
import { useState } from 'react'
import { useRows } from '@/api/query'
import { service_filters, servicesOf } from '@/api/services'
import { FacetPanel, FilterButton, FilterChips } from '@/components/facets'
import { Page } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { ServiceDialog } from '@/components/service/ServiceDialog'
import { Button } from '@/components/ui/button'
import { NativeSelect } from '@/components/ui/native-select'
import { counted } from '@/lib/time'
import { useSearchText, useView, without, withValues } from '@/lib/url-state'
import { facets, sorts } from './filters'
import { Results } from './Results'
import { StatusStrip } from './StatusStrip'

export default function Services() {
  const [view, show] = useView()
  const [text, search] = useSearchText()
  const [adding, setAdding] = useState(false)

  const { filters, sort, ...questions } = servicesOf(view)
  const only_hidden = view.get('hidden') === 'only'
  const as_table = view.get('as') === 'table'
  const list = useInfiniteQuery(questions.list)
  const rows = useRows(list)
  const counts = useQuery(questions.counts).data

  const filtered = Object.keys(filters).length > 0
  const sortBy = (next: string) => show(withValues(view, 'sort', next === 'name' ? [] : [next]))
  const filter = { facets, counts, view, show }
  const add = (
    <Button onClick={() => setAdding(true)}>
      <Plus aria-hidden /> Add service
    </Button>
  )
  const clear = (
    <Button variant="outline" onClick={() => show(without(view, [...service_filters, 'q', 'hidden']))}>
      Clear all filters
    </Button>
  )
  return (
    <Page
      title="Services"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {list.data && counted(rows.total, 'service')}
        </span>
      }
      actions={
        <>
          {!only_hidden && (
            <Button variant="ghost" onClick={() => show(withValues(view, 'hidden', ['only']))}>
              Hidden services
            </Button>
          )}
          {add}
        </>
      }
    >
      <StatusStrip counts={counts} view={view} show={show} />
      <div className="flex gap-6">
        <FacetPanel {...filter} />
        <div className="min-w-0 flex-1">
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <SearchBox
              label="Search services"
              value={text}
              onSearch={search}
              className="min-w-48 flex-1 sm:max-w-sm"
            />
            <FilterButton {...filter} />
            <div className="flex w-full items-center gap-2 sm:ml-auto sm:w-auto">
              {!as_table && (
                <NativeSelect
                  aria-label="Sort by"
                  value={sort}
                  onChange={(event) => sortBy(event.target.value)}
                  className="min-w-40 flex-1 sm:w-44 sm:flex-none"
                >
                  {sorts.map(({ sort, word }) => (
                    <option key={sort} value={sort}>
                      {word}
                    </option>
                  ))}
                </NativeSelect>
              )}
              <fieldset className="flex rounded-md border border-input bg-card p-0.5" aria-label="Show as">
                <As
                  icon={LayoutGrid}
                  word="Cards"
                  on={!as_table}
                  choose={() => show(withValues(view, 'as', []))}
                />
                <As
                  icon={Rows3}
                  word="Table"
                  on={as_table}
                  choose={() => show(withValues(view, 'as', ['table']))}
                />
              </fieldset>
            </div>
          </div>
          <div className="mb-3 empty:hidden">
            <FilterChips {...filter} />
          </div>
          {only_hidden && (
            <p className="mb-3 flex flex-wrap items-center gap-x-3 rounded-lg bg-idle-ground px-4 py-2">
              <EyeOff aria-hidden className="size-4 shrink-0" /> Services that people took out of the lists.
              <Button variant="link" size="inline" onClick={() => show(withValues(view, 'hidden', []))}>
                Back to the others
              </Button>
            </p>
          )}
          <Results
            list={list}
            rows={rows}
            as_table={as_table}
            sort={sort}
            onSort={sortBy}
            filtered={filtered}
            empty_action={filtered ? clear : add}
          />
        </div>
      </div>
      {adding && <ServiceDialog close={() => setAdding(false)} />}
    </Page>
  )
}

function As({
  icon: Icon,
  word,
  on,
  choose,
}: {
  icon: LucideIcon
  word: string
  on: boolean
  choose: () => void
}) {
  return (
    <Button
      variant="ghost"
      size="inline"
      aria-pressed={on}
      aria-label={`Show as ${word.toLowerCase()}`}
      title={word}
      onClick={choose}
      className="size-7.5 rounded-[5px] aria-pressed:bg-accent aria-pressed:text-accent-foreground"
    >
      <Icon />
    </Button>
  )
}
