import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { whereOf } from '@/lib/refs'
import { count } from '@/lib/time'
import { EntityLink } from './entity-link'
import { Card, Section } from './page'
import { Button } from './ui/button'

type Linked = Schemas['Linked']

const first_shown = 12

/** What stands at the other end of a relation, each with the reason that the portal believes it. */
export function Related({
  title,
  links,
  none,
}: {
  title: string
  links: readonly Linked[]
  /** What to say where there are none. */
  none: string
}) {
  const [all, setAll] = useState(false)
  return (
    <Section
      title={title}
      beside={<span className="text-muted-foreground tabular-nums">{count(links.length)}</span>}
    >
      {links.length === 0 ? (
        <p className="text-muted-foreground">{none}</p>
      ) : (
        <Card>
          <ul>
            {links.slice(0, all ? links.length : first_shown).map((link) => (
              <li
                key={link.ref}
                className="grid min-h-10 items-center gap-x-4 border-b border-border/60 px-4 py-1.5 last:border-0 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]"
              >
                <span className="flex min-w-0 items-center gap-x-2">
                  <EntityLink entity={link.ref} name={link.name} className="shrink-0" />
                  <span className="truncate text-xs text-muted-foreground">{whereOf(link.ref)}</span>
                </span>
                <Reason link={link} />
              </li>
            ))}
          </ul>
          {links.length > first_shown && (
            <Button
              variant="ghost"
              aria-expanded={all}
              className="w-full justify-start rounded-t-none px-4 text-xs"
              onClick={() => setAll(!all)}
            >
              {all ? 'Show fewer' : `Show all ${count(links.length)}`}
            </Button>
          )}
        </Card>
      )}
    </Section>
  )
}

function Reason({ link: { evidence } }: { link: Linked }) {
  const first = evidence.find(({ won }) => won) ?? evidence[0]
  if (!first) return null
  const words = [first.field, first.raw && `= ${first.raw}`].filter(Boolean).join(' ')
  const places = [...new Set(evidence.map(({ found_on }) => found_on).filter(Boolean))]
  return (
    <span
      className="flex min-w-0 gap-2 text-2xs text-muted-foreground"
      title={[words, ...places.map((place) => `on ${place}`)].join('\n')}
    >
      <span className="truncate font-mono">{words}</span>
      {evidence.length > 1 && <span className="shrink-0">found {evidence.length} times</span>}
    </span>
  )
}
