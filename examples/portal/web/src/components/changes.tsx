import { useInfiniteQuery } from '@tanstack/react-query'
import { ArrowRight, CircleMinus, CirclePlus, type LucideIcon, PencilLine } from 'lucide-react'
import { type Change, type ChangedField, changeLogQuery } from '@/api/changes'
import { told } from '@/api/problem'
import { cn } from '@/lib/cn'
import { type Action, sidesOf } from '@/lib/difference'
import { count } from '@/lib/time'
import { RelativeTime } from './relative-time'
import { Button } from './ui/button'
import { Skeleton } from './ui/skeleton'

/** Each has a form and a word of its own. */
export const actions: Record<Action, { word: string; icon: LucideIcon; text: string }> = {
  added: { word: 'Added', icon: CirclePlus, text: 'text-ok' },
  changed: { word: 'Changed', icon: PencilLine, text: 'text-primary' },
  retired: { word: 'Gone', icon: CircleMinus, text: 'text-bad' },
}

const causes: Record<string, string> = {
  ingest: 'by a collection',
  release: 'by a released hold',
  edit: 'in the portal',
}

/** The change log of one thing: what it was, what it became, when, and who or what did it. */
export function ChangeLog({ of }: { of: { ref: string } | { team: string } }) {
  const log = useInfiniteQuery(changeLogQuery(of))
  if (log.isPending) return <Skeleton className="h-24" />
  if (log.isError && !log.data)
    return (
      <p role="alert" className="text-muted-foreground">
        The change log could not be read: {told(log.error)}{' '}
        <Button variant="link" size="inline" onClick={() => void log.refetch()}>
          Try again
        </Button>
      </p>
    )
  const changes = log.data.pages.flatMap((page) => page.items)
  if (changes.length === 0) return <p className="text-muted-foreground">Nothing was changed so far.</p>
  const one = 'ref' in of
  return (
    <>
      <ol className="flex flex-col">
        {changes.map((change) => (
          <LogEntry key={`${change.revision} ${change.ref}`} change={change} named={!one} />
        ))}
      </ol>
      {log.hasNextPage && (
        <Button
          variant="outline"
          size="sm"
          className="mt-3"
          disabled={log.isFetchingNextPage}
          onClick={() => void log.fetchNextPage()}
        >
          Show older changes
        </Button>
      )}
    </>
  )
}

function LogEntry({ change, named }: { change: Change; named: boolean }) {
  const { word, icon: Icon, text } = actions[change.action as Action] ?? actions.changed
  return (
    <li className="relative flex gap-3 pb-4 last:pb-0 [&:not(:last-child)>span:first-child]:block">
      <span aria-hidden className="absolute top-6 bottom-0 left-2 hidden w-px bg-border" />
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', text)} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-1.5">
          <span className="font-medium">
            {word}
            {named && ` ${change.name}`}
          </span>
          <span className="text-xs text-muted-foreground">
            {change.by ? `by ${change.by}` : (causes[change.cause] ?? change.cause)}
            {', '}
            <RelativeTime time={change.at} />
          </span>
        </p>
        {change.action === 'changed' && <ChangedFields fields={change.fields} />}
      </div>
    </li>
  )
}

const most_items = 4

/** Field by field: what stood there, and what stands there now. */
export function ChangedFields({ fields }: { fields: readonly ChangedField[] }) {
  return (
    <dl className="mt-1 grid gap-y-1 text-sm sm:grid-cols-[8.5rem_minmax(0,1fr)] sm:gap-x-3">
      {fields.map((field) => {
        const { gone, come } = sidesOf(field)
        return (
          <div key={field.field} className="col-span-full grid sm:grid-cols-subgrid">
            <dt className="truncate text-muted-foreground">{field.field.replaceAll('_', ' ')}</dt>
            <dd className="flex min-w-0 flex-wrap items-baseline gap-x-1.5 gap-y-0.5">
              {gone.length > 0 && <Side items={gone} word="was" />}
              <ArrowRight aria-hidden className="size-3.5 shrink-0 self-center text-muted-foreground" />
              {come.length > 0 ? (
                <Side items={come} word="is now" now />
              ) : (
                <span className="text-muted-foreground">
                  {gone.length > 0 ? 'taken out' : 'in another order'}
                </span>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function Side({ items, word, now = false }: { items: readonly string[]; word: string; now?: boolean }) {
  const shown = items.slice(0, most_items)
  return (
    <>
      <span className="sr-only">{word}</span>
      {shown.map((item) => (
        <span
          key={item}
          title={item}
          className={cn(
            'line-clamp-2 max-w-full min-w-0 wrap-anywhere',
            now ? 'font-medium' : 'text-muted-foreground line-through decoration-1',
          )}
        >
          {item}
        </span>
      ))}
      {items.length > most_items && (
        <span className="text-xs text-muted-foreground">and {count(items.length - most_items)} more</span>
      )}
    </>
  )
}
