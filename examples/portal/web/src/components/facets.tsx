import { ChevronDown, SlidersHorizontal, X } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import type { Facets, FacetValue } from '@/api/facets'
import { cn } from '@/lib/cn'
import { count } from '@/lib/time'
import { toggled, type View, without } from '@/lib/url-state'
import { Button } from './ui/button'
import { Checkbox } from './ui/checkbox'
import { Dialog, DialogTitle, DialogTrigger, SheetContent } from './ui/dialog'
import { Input } from './ui/input'
import { Skeleton } from './ui/skeleton'

/** One filter of a list. `name` is its name in the address, in the API and in the counts. */
export interface Facet {
  name: string
  label: string
  /** How a value reads; as it is, without it. */
  word?: (value: string) => string
  /** Drawn before the value. */
  mark?: (value: string) => ReactNode
}

interface Filters {
  facets: readonly Facet[]
  counts: Facets | undefined
  view: View
  show: (next: View) => void
}

const wordOf = (facet: Facet, value: string) => facet.word?.(value) ?? value

/** The filters at the side of a list, with their counts. On a narrow window they are behind `FilterButton`. */
export function FacetPanel(props: Filters) {
  return (
    <aside aria-label="Filters" className="hidden w-52 shrink-0 lg:block xl:w-56">
      <div className="sticky top-18 -ml-1.5 max-h-[calc(100dvh-5.5rem)] overflow-x-hidden overflow-y-auto overscroll-contain pr-1 pb-6">
        <FacetGroups {...props} />
      </div>
    </aside>
  )
}

export function FilterButton(props: Filters) {
  const active = props.facets.reduce((sum, { name }) => sum + props.view.getAll(name).length, 0)
  return (
    <Dialog>
      <DialogTrigger asChild>
        <Button variant="outline" className="lg:hidden">
          <SlidersHorizontal aria-hidden />
          Filters{active > 0 && <span className="tabular-nums">({active})</span>}
        </Button>
      </DialogTrigger>
      <SheetContent side="right" aria-describedby={undefined}>
        <DialogTitle className="px-5 pt-4.5 pb-2">Filters</DialogTitle>
        <div className="px-3.5 pb-8">
          <FacetGroups {...props} />
        </div>
      </SheetContent>
    </Dialog>
  )
}

function FacetGroups({ facets, counts, view, show }: Filters) {
  // Nobody knows yet how long each of them is: one that grows would push those below it away.
  if (!counts) return <Skeleton className="mx-1.5 h-96" />
  return facets.map((facet) => (
    <FacetGroup
      key={facet.name}
      facet={facet}
      values={counts[facet.name] ?? []}
      chosen={view.getAll(facet.name)}
      toggle={(value) => show(toggled(view, facet.name, value))}
    />
  ))
}

const shown_at_first = 7
const filterable_from = 12

function FacetGroup({
  facet,
  values,
  chosen,
  toggle,
}: {
  facet: Facet
  values: FacetValue[]
  chosen: string[]
  toggle: (value: string) => void
}) {
  const [all, setAll] = useState(false)
  const [text, setText] = useState('')
  const id = useId()
  // What is chosen stays in the list although nothing has it any more: else nobody could take it out again.
  const counted = new Set(values.map(({ value }) => value))
  const gone = chosen.filter((value) => !counted.has(value)).map((value) => ({ value, count: 0 }))
  const rows = [...values, ...gone]
  const found = text
    ? rows.filter(({ value }) => wordOf(facet, value).toLowerCase().includes(text.toLowerCase()))
    : rows
  const visible = all
    ? found
    : found.filter(({ value }, index) => index < shown_at_first || chosen.includes(value))
  if (rows.length === 0) return null
  return (
    <details
      open
      // The line begins where the words do: what is hovered reaches further out.
      className="group relative py-2 after:absolute after:inset-x-1.5 after:bottom-0 after:border-b after:border-border last:after:hidden"
    >
      <summary className="flex list-none items-center justify-between rounded-md px-1.5 py-1 text-xs font-semibold select-none [&::-webkit-details-marker]:hidden">
        {facet.label}
        <ChevronDown aria-hidden className="size-4 -rotate-90 text-muted-foreground group-open:rotate-0" />
      </summary>
      <fieldset aria-label={facet.label} className="mt-1">
        {all && rows.length >= filterable_from && (
          <Input
            aria-label={`Find in ${facet.label}`}
            placeholder="Find…"
            value={text}
            onChange={(event) => setText(event.target.value)}
            className="mb-1 h-8 text-xs"
          />
        )}
        {visible.map(({ value, count: n }) => (
          <label
            key={value}
            htmlFor={`${id}-${value}`}
            className={cn(
              'flex min-h-7 cursor-pointer items-center gap-2 rounded-md px-1.5 py-0.5 hover:bg-muted',
              n === 0 && 'text-muted-foreground',
            )}
          >
            <Checkbox id={`${id}-${value}`} checked={chosen.includes(value)} onChange={() => toggle(value)} />
            {facet.mark?.(value)}
            <span className="min-w-0 flex-1 truncate" title={wordOf(facet, value)}>
              {wordOf(facet, value)}
            </span>
            <span className="text-xs text-muted-foreground tabular-nums">{count(n)}</span>
          </label>
        ))}
        {rows.length > shown_at_first && (
          <Button
            variant="ghost"
            size="inline"
            className="mt-0.5 px-1.5 py-1 text-xs"
            aria-expanded={all}
            onClick={() => setAll(!all)}
          >
            {all ? 'Show fewer' : `Show all ${count(rows.length)}`}
          </Button>
        )}
      </fieldset>
    </details>
  )
}

/** What is filtered for, each with a way to take it back. */
export function FilterChips({ facets, view, show }: Omit<Filters, 'counts'>) {
  const chosen = facets.flatMap((facet) => view.getAll(facet.name).map((value) => ({ facet, value })))
  if (chosen.length === 0) return null
  return (
    <ul aria-label="Active filters" className="flex flex-wrap items-center gap-1.5">
      {chosen.map(({ facet, value }) => (
        <li key={`${facet.name}=${value}`}>
          <button
            type="button"
            onClick={() => show(toggled(view, facet.name, value))}
            aria-label={`Remove filter ${facet.label}: ${wordOf(facet, value)}`}
            className="inline-flex max-w-72 items-center gap-1 rounded-full bg-accent py-0.5 pr-1.5 pl-2.5 text-xs text-accent-foreground hover:opacity-80"
          >
            <span className="truncate">
              {facet.label}: <span className="font-semibold">{wordOf(facet, value)}</span>
            </span>
            <X aria-hidden className="size-3.5 shrink-0" />
          </button>
        </li>
      ))}
      <li>
        <Button
          variant="ghost"
          size="inline"
          className="px-1.5 py-0.5 text-xs"
          onClick={() =>
            show(
              without(
                view,
                facets.map(({ name }) => name),
              ),
            )
          }
        >
          Clear all
        </Button>
      </li>
    </ul>
  )
}
