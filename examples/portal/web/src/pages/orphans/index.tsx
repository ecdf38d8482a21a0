import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Keyboard, PartyPopper } from 'lucide-react'
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { facetsQuery } from '@/api/facets'
import { type Rows, useRows } from '@/api/query'
import { resourcesQuery } from '@/api/resources'
import { servicesQuery } from '@/api/services'
import { type Decision, isResource, type Thing } from '@/api/settle'
import { useSettle } from '@/components/ownership/use-settle'
import { focusTitle, Page } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { Empty, Failed } from '@/components/states'
import { TeamCombobox } from '@/components/team-combobox'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { pathOf } from '@/lib/refs'
import { useStored } from '@/lib/stored'
import { count, counted } from '@/lib/time'
import { keyOf, nothing_yet, queueOf, triage } from '@/lib/triage'
import { asked, useSearchText, useView, without } from '@/lib/url-state'
import { Case, useCase } from './Case'
import { KeysDialog } from './KeysDialog'
import { Narrow } from './Narrow'
import { Queue } from './Queue'

/** What nobody owns, or nobody knows who does. */
const open_states = ['unowned', 'unregistered', 'conflict', 'unknown'] as const
const narrowing = ['ownership', 'environment', 'type'] as const

/** The list of services or of resources: one is asked for, the other one is not. */
function useThings(of: 'services' | 'resources', filters: Record<string, string | string[]>) {
  const resources = useInfiniteQuery({ ...resourcesQuery(filters), enabled: of === 'resources' })
  const services = useInfiniteQuery({ ...servicesQuery(filters), enabled: of === 'services' })
  const resource_rows = useRows(resources)
  const service_rows = useRows(services)
  const list = of === 'services' ? services : resources
  const rows: Rows<Thing> = of === 'services' ? service_rows : resource_rows
  return { list, rows }
}

/** One after the other: who owns this? By mouse, by finger, and by keyboard all the way. */
export default function Orphans() {
  const [view, show] = useView()
  const [text, search] = useSearchText()
  const [, navigate] = useLocation()
  const [by_key, setByKey] = useStored('portal.triage.keys', 'on')
  const of = view.get('of') === 'services' ? 'services' : 'resources'
  const narrowed = asked(view, narrowing, ['q'])
  const filters = { ...narrowed, ownership: narrowed.ownership ?? [...open_states], sort: 'name' }
  const { list, rows } = useThings(of, filters)
  const { ownership: _, ...others } = narrowed
  const counts = useQuery(facetsQuery(of, { ...others, ownership: filters.ownership })).data

  const [state, step] = useReducer(triage, nothing_yet)
  const things = useMemo(() => new Map(rows.rows.map((thing) => [thing.ref, thing])), [rows.rows])
  useEffect(() => step({ step: 'listed', refs: rows.rows.map(({ ref }) => ref) }), [rows.rows])
  const queue = queueOf(state).flatMap((ref) => things.get(ref) ?? [])
  const left = Math.max(0, rows.total - (state.listed.length - queueOf(state).length))
  const at = queue.find(({ ref }) => ref === state.at) ?? null
  const index = at ? queue.indexOf(at) : -1

  /** Whether the row that is next looked at takes the focus. */
  const follow = useRef(false)
  const settled = useCallback((ref: string) => {
    follow.current = true
    step({ step: 'settled', ref })
  }, [])
  const reopened = useCallback((ref: string) => step({ step: 'reopened', ref }), [])
  const { run, last, done } = useSettle({ settled, reopened })
  const [dialog, setDialog] = useState<'assign' | 'keys' | null>(null)
  const one = useCase(at, queue[index + 1] ?? null)

  useEffect(() => {
    if (index >= 0 && index + 20 > queue.length && queue.length < left) rows.more()
  }, [index, queue.length, left, rows.more])

  useEffect(() => {
    if (state.at !== null || !follow.current) return
    // The last one is settled: the focus goes to the title, not nowhere.
    follow.current = false
    focusTitle()
  }, [state.at])

  const move = (by: number) => {
    follow.current = true
    step({ step: 'move', by })
  }
  const decide = (action: Decision['action'], team: string | undefined) => {
    if (!at || !team) return
    void run(one.version ?? { data: at }, { action, team })
  }
  const suggested =
    one.version && isResource(one.version.data) ? one.version.data.suggestion?.team : undefined
  const actions = {
    next: () => move(1),
    previous: () => move(-1),
    open: () => at && navigate(pathOf(at.ref) ?? '/'),
    assign: () => at && setDialog('assign'),
    confirm: () => decide('confirm', suggested),
    reject: () => decide('reject', suggested),
    undo: () => void last?.undo(),
    keys: () => setDialog('keys'),
  }
  const latest = useRef(actions)
  latest.current = actions
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = keyOf(event)
      if (!key || document.querySelector('[role=dialog]')) return
      // Whoever switched single keys off, because a voice or a shaky hand types them, keeps Enter and the arrows.
      if (by_key === 'off' && event.key.length === 1 && key !== 'keys') return
      event.preventDefault()
      latest.current[key]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [by_key])

  const filtered = Object.keys(narrowed).length > 0
  return (
    <Page
      title="Orphans"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {list.data && `${count(left)} left`}
        </span>
      }
      description="Whose is it? One after the other, until nothing is left."
      actions={
        <Button
          variant="outline"
          onClick={() => setDialog('keys')}
          aria-keyshortcuts="?"
          className="max-sm:hidden"
        >
          <Keyboard aria-hidden /> Keys
        </Button>
      }
    >
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SearchBox
          label="Search orphans"
          value={text}
          onSearch={search}
          className="min-w-48 flex-1 sm:max-w-xs"
        />
        <Narrow of={of} counts={counts} view={view} show={show} states={open_states} />
      </div>
      {list.isPending ? (
        <div
          role="status"
          aria-label="Loading what nobody owns"
          className="grid gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]"
        >
          <Skeleton className="h-96" />
          <Skeleton className="h-96 max-lg:hidden" />
        </div>
      ) : list.isError && !list.data ? (
        <Failed what="list of orphans" error={list.error} retry={() => void list.refetch()} />
      ) : left === 0 && queue.length === 0 ? (
        filtered ? (
          <Empty
            title={done > 0 ? 'Nothing is left of these' : `No ${of} match`}
            action={
              <Button variant="outline" onClick={() => show(without(view, [...narrowing, 'q']))}>
                Clear all filters
              </Button>
            }
          >
            {done > 0
              ? `You settled ${counted(done, 'of them', 'of them')}.`
              : 'Take a filter away, or search for less.'}
          </Empty>
        ) : (
          <Empty icon={PartyPopper} title={`Every one of the ${of} has an owner`}>
            {done > 0
              ? `Well done: you settled ${count(done)} of them just now.`
              : 'Nothing to do here. That is rare, and somebody’s good work.'}
          </Empty>
        )
      ) : (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(19rem,24rem)_minmax(0,1fr)]">
          <div className="min-w-0 max-lg:order-last">
            <Queue
              label={of === 'services' ? 'Services to settle' : 'Resources to settle'}
              things={queue}
              total={left}
              at={state.at}
              follow={follow}
              go={(ref) => step({ step: 'go', ref })}
              more={rows.more}
            />
          </div>
          {at && (
            <Case
              thing={at}
              one={one}
              place={`${count(index + 1)} of ${count(left)}`}
              assign={() => setDialog('assign')}
              decide={decide}
              next={() => move(1)}
              previous={() => move(-1)}
            />
          )}
        </div>
      )}
      {dialog === 'assign' && at && (
        <TeamCombobox
          title={`Who owns ${at.display_name}?`}
          description="What you say here is stronger than every tag, and stays whatever the next collection finds."
          choose={(team) => {
            setDialog(null)
            decide('assign', team)
          }}
          close={() => setDialog(null)}
        />
      )}
      {dialog === 'keys' && (
        <KeysDialog
          by_key={by_key === 'on'}
          setByKey={(on) => setByKey(on ? 'on' : 'off')}
          close={() => setDialog(null)}
        />
      )}
    </Page>
  )
}
