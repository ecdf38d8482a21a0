import { type UseQueryResult, useQueries, useQuery } from '@tanstack/react-query'
import { List, type LucideIcon, Waypoints } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { environmentNamesQuery, placeWord } from '@/api/environments'
import { graphQuery, most_nodes } from '@/api/graph'
import { Page } from '@/components/page'
import { Failed } from '@/components/states'
import { Button } from '@/components/ui/button'
import { NativeSelect } from '@/components/ui/native-select'
import { Skeleton } from '@/components/ui/skeleton'
import { type Graph, union, withoutTypes } from '@/lib/graph'
import { parsed, shortName } from '@/lib/refs'
import { counted } from '@/lib/time'
import { toggled, useView, without, withValues } from '@/lib/url-state'
import { Canvas } from './Canvas'
import { Details } from './Details'
import { GraphList } from './GraphList'
import { Legend } from './Legend'
import { Start } from './Start'

/** How many neighbours one expansion brings at most: a team may own thousands of things. */
const most_neighbours = 80
const depths = [1, 2, 3, 4]
const hubs: ReadonlySet<string> = new Set(['team', 'product', 'environment'])

/** What is around a thing, as a drawing or as a list. What is shown, expanded and left out is in the address. */
export default function GraphPage() {
  const [view, show] = useView()
  const ref = view.get('ref')
  const start = (to: string) => show(new URLSearchParams({ ref: to }))
  if (!ref) return <Start start={start} />
  return <Around key={ref} asked={ref} view={view} show={show} start={start} />
}

function Around({
  asked,
  view,
  show,
  start,
}: {
  asked: string
  view: URLSearchParams
  show: (next: URLSearchParams) => void
  start: (ref: string) => void
}) {
  const depth = depths.find((known) => String(known) === view.get('depth')) ?? 1
  const as_list = view.get('as') === 'list'
  const expanded = view.getAll('expand')
  const around = useQuery({ ...graphQuery(asked, depth, most_nodes), placeholderData: (before) => before })
  const { pieces, failed } = useQueries({
    queries: expanded.map((one) => graphQuery(one, 1, most_neighbours)),
    combine: together,
  })
  // The API answers an ARN or a bare name with the ref that it means.
  const root = around.data?.nodes[0]?.ref ?? asked
  const all = useMemo(() => (around.data ? union([around.data, ...pieces]) : null), [around.data, pieces])
  const graph = useMemo(
    () => all && withoutTypes(all, new Set(view.getAll('without')), root),
    [all, view, root],
  )
  const environments = useQuery(environmentNamesQuery).data
  const place = useCallback((one: string) => placeWord(one, environments), [environments])
  const [chosen, choose] = useState<string | null>(null)
  const selected = graph?.nodes.find((node) => node.ref === (chosen ?? root)) ?? graph?.nodes[0] ?? null

  const near = new Map(around.data?.nodes.map((node) => [node.ref, node]))
  /** Whether what is around it is shown already because it is near to the root. */
  const is_inside = (node: string) => {
    const known = near.get(node)
    return node === root || (known !== undefined && known.distance < depth && !hubs.has(known.type))
  }
  const expansionOf = (node: string) =>
    is_inside(node) ? 'fixed' : expanded.includes(node) ? 'expanded' : 'collapsed'
  const toggle = (node: string) => show(toggled(view, 'expand', node))
  const press = (node: string) => {
    const again = selected?.ref === node
    choose(node)
    const expansion = expansionOf(node)
    if (expansion === 'collapsed' || (expansion === 'expanded' && again)) toggle(node)
  }

  const name = around.data?.nodes[0]?.name ?? shortName(asked)
  return (
    <Page
      title={name}
      window_title={`Graph of ${name}`}
      description={graph ? wordsOf(graph) : 'What is around it'}
      actions={
        <>
          <Button variant="outline" onClick={() => show(new URLSearchParams())}>
            Another start
          </Button>
          <NativeSelect
            aria-label="Steps"
            value={String(depth)}
            onChange={(event) =>
              show(withValues(view, 'depth', event.target.value === '1' ? [] : [event.target.value]))
            }
          >
            {depths.map((steps) => (
              <option key={steps} value={steps}>
                {counted(steps, 'step')}
              </option>
            ))}
          </NativeSelect>
          <fieldset className="flex rounded-md border border-input bg-card p-0.5" aria-label="Show as">
            <As icon={Waypoints} word="Graph" on={!as_list} choose={() => show(withValues(view, 'as', []))} />
            <As icon={List} word="List" on={as_list} choose={() => show(withValues(view, 'as', ['list']))} />
          </fieldset>
        </>
      }
    >
      {graph && all ? (
        <>
          <Legend
            graph={all}
            root={root}
            left_out={view.getAll('without')}
            toggle={(type) => show(toggled(view, 'without', type))}
          />
          {as_list ? (
            <GraphList graph={graph} root={root} placeWord={place} />
          ) : (
            <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
              <Canvas
                graph={graph}
                root={root}
                selected={selected?.ref ?? root}
                expansionOf={expansionOf}
                press={press}
                placeWord={place}
              />
              {selected && (
                <Details
                  node={selected}
                  graph={graph}
                  is_root={selected.ref === root}
                  expansion={expansionOf(selected.ref)}
                  toggle={() => toggle(selected.ref)}
                  start={() => start(selected.ref)}
                  choose={choose}
                  placeWord={place}
                />
              )}
            </div>
          )}
          {failed && (
            <p role="alert" className="mt-3 text-warn">
              What is around something could not be read.{' '}
              <Button variant="link" size="inline" onClick={() => show(without(view, ['expand']))}>
                Collapse all
              </Button>
            </p>
          )}
        </>
      ) : around.isError ? (
        <Failed
          what={parsed(asked).type || 'graph'}
          error={around.error}
          retry={() => void around.refetch()}
        />
      ) : (
        <div role="status" aria-label="Loading the graph">
          <Skeleton className="mb-4 h-9 w-full max-w-xl" />
          <Skeleton className="h-112 sm:h-[clamp(37.5rem,100dvh-16rem,58rem)]" />
        </div>
      )}
    </Page>
  )
}

const together = (results: UseQueryResult<Graph>[]) => ({
  pieces: results.flatMap(({ data }) => data ?? []),
  failed: results.some(({ isError }) => isError),
})

function wordsOf({ nodes, edges, cut }: Graph) {
  const words = `${counted(nodes.length, 'thing')}, ${counted(edges.length, 'relation')}`
  return cut ? `${words}. There is more than can be shown: begin nearer, or with fewer steps.` : words
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
