import { CircleCheck } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { SourceKind, SourceScope } from '@/api/sources'
import { coverages, lookOf } from '@/components/coverage'
import { type Column, DataTable, row_link } from '@/components/data-table'
import { RelativeTime } from '@/components/relative-time'
import { Empty } from '@/components/states'
import { cn } from '@/lib/cn'
import { isGap, placeOf } from '@/lib/coverage'
import { count } from '@/lib/time'
import { ScopeSheet } from './ScopeSheet'

const none = () => {}
const keyOf = ({ source, scope }: SourceScope) => `${source} ${JSON.stringify(scope)}`

/** Scopes of one source by what is read of them: each cell says how much. */
export function Matrix({ scopes, only_gaps }: { scopes: readonly SourceScope[]; only_gaps: boolean }) {
  const [open, setOpen] = useState<SourceScope | null>(null)
  const kinds = useMemo(
    () => [...new Set(scopes.flatMap(({ kinds }) => Object.keys(kinds)))].sort(),
    [scopes],
  )
  const kinds_text = kinds.join(' ')
  const columns = useMemo(() => columnsOf(kinds_text.split(' ').filter(Boolean), setOpen), [kinds_text])
  const rows = useMemo(
    () =>
      scopes
        .filter(({ kinds }) => !only_gaps || Object.values(kinds).some((kind) => isGap(kind) || kind.held))
        .toSorted((one, other) => textOf(one).localeCompare(textOf(other))),
    [scopes, only_gaps],
  )
  if (rows.length === 0)
    return (
      <Empty icon={CircleCheck} title="Everything was read whole">
        No scope of this source has a gap.
      </Empty>
    )
  return (
    <>
      <div className="overflow-x-clip">
        <DataTable
          label="Coverage by scope and kind"
          columns={columns}
          rows={rows}
          total={rows.length}
          more={none}
          keyOf={keyOf}
          sort=""
          onSort={none}
        />
      </div>
      <ul
        aria-label="What the signs mean"
        className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-xs text-muted-foreground"
      >
        {Object.values(coverages).map(({ word, meaning, icon: Icon, text }) => (
          <li key={word} className="inline-flex items-center gap-1.5" title={meaning}>
            <Icon aria-hidden className={cn('size-3.5', text)} /> {word}
          </li>
        ))}
      </ul>
      {open && <ScopeSheet scope={open} close={() => setOpen(null)} />}
    </>
  )
}

const textOf = ({ scope }: SourceScope) => Object.values(placeOf(scope)).join(' ')

function columnsOf(kinds: readonly string[], open: (scope: SourceScope) => void): Column<SourceScope>[] {
  return [
    {
      id: 'scope',
      header: 'Scope',
      className: 'min-w-44',
      cell: (scope) => {
        const { group, part } = placeOf(scope.scope)
        return (
          <button
            type="button"
            className="link block max-w-full truncate text-left"
            onClick={() => open(scope)}
            {...row_link}
          >
            <span className="font-medium">{group}</span>
            {part && <span className="text-muted-foreground"> {part}</span>}
          </button>
        )
      },
    },
    ...kinds.map(
      (kind, index): Column<SourceScope> => ({
        id: kind,
        header: kind,
        className: 'w-28',
        // On a narrow window the sheet of the scope says the rest.
        from_px: 320 + 112 * index,
        cell: (scope) => <Cell kind={scope.kinds[kind]} />,
      }),
    ),
    {
      id: 'read_at',
      header: 'Read',
      className: 'w-32',
      from_px: 400 + 112 * kinds.length,
      cell: (scope) => (
        <span className="text-muted-foreground">
          <RelativeTime time={scope.read_at} />
        </span>
      ),
    },
  ]
}

function Cell({ kind }: { kind: SourceKind | undefined }) {
  if (!kind) return <span className="text-muted-foreground">–</span>
  const { word, meaning, icon: Icon, text } = lookOf(kind)
  const counts = kind.coverage === 'complete' && !kind.held
  return (
    <span
      className="inline-flex items-center gap-1.5"
      title={[meaning, kind.reason].filter(Boolean).join('\n')}
    >
      <Icon aria-hidden className={cn('size-4 shrink-0', text)} />
      {counts ? (
        <>
          <span className="sr-only">{word}:</span>
          <span className="tabular-nums">{count(kind.items)}</span>
        </>
      ) : (
        <span className={cn('font-medium', text)}>{word}</span>
      )}
    </span>
  )
}
