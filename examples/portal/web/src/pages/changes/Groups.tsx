import { useState } from 'react'
import { actions, ChangedFields } from '@/components/changes'
import { EntityLink } from '@/components/entity-link'
import { Card, Section } from '@/components/page'
import { RelativeTime } from '@/components/relative-time'
import { TeamChip } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import type { Difference } from '@/lib/difference'
import { whereOf } from '@/lib/refs'
import { count } from '@/lib/time'

/** The differences of each team; what belongs to none stands last. */
export function Groups({ differences }: { differences: readonly Difference[] }) {
  const teams = new Map<string, Difference[]>()
  for (const difference of differences) {
    const team = difference.team ?? ''
    const known = teams.get(team)
    if (known) known.push(difference)
    else teams.set(team, [difference])
  }
  const sorted = [...teams].sort(([one], [other]) =>
    one === '' ? 1 : other === '' ? -1 : one.localeCompare(other),
  )
  return (
    <div className="flex flex-col gap-7">
      {sorted.map(([team, differences]) => (
        <Group key={team} team={team} differences={differences} />
      ))}
    </div>
  )
}

/** As many as are seen without asking for more, and how many more a press brings. */
const first_shown = 5
const more_shown = 200

function Group({ team, differences }: { team: string; differences: readonly Difference[] }) {
  const [limit, setLimit] = useState(first_shown)
  return (
    <Section
      title={team || 'Without a team'}
      heading={team ? <TeamChip team={team} /> : undefined}
      beside={<span className="text-muted-foreground tabular-nums">{count(differences.length)}</span>}
    >
      <Card>
        <ul>
          {differences.slice(0, limit).map((difference) => (
            <Row key={difference.ref} difference={difference} />
          ))}
        </ul>
        {differences.length > limit && (
          <Button
            variant="ghost"
            className="w-full justify-start rounded-t-none px-4 text-xs"
            onClick={() => setLimit(limit + more_shown)}
          >
            {differences.length - limit > more_shown
              ? `Show ${count(more_shown)} more of ${count(differences.length)}`
              : `Show all ${count(differences.length)}`}
          </Button>
        )}
      </Card>
    </Section>
  )
}

function Row({ difference }: { difference: Difference }) {
  const { ref, name, type, action, fields, at, steps } = difference
  const { word, icon: Icon, text } = actions[action]
  return (
    <li className="border-b border-border/60 px-4 py-2.5 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
        <span className={cn('inline-flex w-22 shrink-0 items-center gap-1.5 font-medium', text)}>
          <Icon aria-hidden className="size-4" /> {word}
        </span>
        <span className="flex min-w-0 flex-1 basis-48 flex-wrap items-center gap-x-2">
          {action === 'retired' ? (
            <span className="font-medium wrap-anywhere" title={ref}>
              {name}
            </span>
          ) : (
            <EntityLink entity={ref} name={name} />
          )}
          <span className="truncate text-xs text-muted-foreground">{whereOf(ref)}</span>
        </span>
        <span className="text-xs text-muted-foreground max-sm:w-full max-sm:pl-25">
          {type}
          {steps > 1 && ` · ${count(steps)} steps`} · <RelativeTime time={at} />
        </span>
      </div>
      {action === 'changed' && (
        <div className="mt-1 sm:pl-25">
          <ChangedFields fields={fields} />
        </div>
      )}
    </li>
  )
}
