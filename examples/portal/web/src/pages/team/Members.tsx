import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { Card, Section } from '@/components/page'
import { Button } from '@/components/ui/button'
import { count } from '@/lib/time'

const shown_at_first = 12

/** The people of a team. */
export function Members({ members }: { members: readonly Schemas['Member'][] }) {
  const [all, setAll] = useState(false)
  const sorted = [...members].sort((one, other) => one.name.localeCompare(other.name))
  return (
    <Section
      title="Members"
      beside={
        members.length > 0 && (
          <span className="text-muted-foreground tabular-nums">{count(members.length)}</span>
        )
      }
    >
      {members.length === 0 ? (
        <p className="text-pretty text-muted-foreground">
          Nobody is listed. Members come from the directory; teams of the configuration have none.
        </p>
      ) : (
        <Card className="px-4 py-2">
          <ul>
            {(all ? sorted : sorted.slice(0, shown_at_first)).map(({ name, mail }) => (
              <li key={`${name} ${mail}`} className="flex min-h-8 items-center justify-between gap-3">
                <span className="truncate">{name}</span>
                {mail && (
                  <a
                    href={`mailto:${encodeURIComponent(mail).replace('%40', '@')}`}
                    className="link min-w-0 truncate text-xs text-muted-foreground"
                    aria-label={`Write to ${name}`}
                  >
                    {mail}
                  </a>
                )}
              </li>
            ))}
          </ul>
          {members.length > shown_at_first && (
            <Button
              variant="ghost"
              size="inline"
              className="my-1 -ml-1.5 px-1.5 py-1 text-xs"
              aria-expanded={all}
              onClick={() => setAll(!all)}
            >
              {all ? 'Show fewer' : `Show all ${count(members.length)}`}
            </Button>
          )}
        </Card>
      )}
    </Section>
  )
}
