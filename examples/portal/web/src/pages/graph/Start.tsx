import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useRows } from '@/api/query'
import { searchQuery } from '@/api/search'
import { teamsQuery } from '@/api/teams'
import { iconOf } from '@/components/entity-link'
import { Card, Page, Section } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { TeamMark } from '@/components/team-chip'
import { parsed } from '@/lib/refs'

const most_teams = 24

/** Where to begin: anything that is found, or a team. */
export function Start({ start }: { start: (ref: string) => void }) {
  const [q, search] = useState('')
  const { data, isFetching, isError } = useQuery(searchQuery(q))
  const teams = useRows(useInfiniteQuery(teamsQuery({}))).rows
  const hits = q === '' ? [] : (data?.items ?? [])
  return (
    <Page
      title="Graph"
      description="What is around a thing: who owns it, what uses it, what it depends on, where it runs."
    >
      <div className="max-w-2xl">
        <SearchBox label="A service, resource, team or product" value={q} onSearch={search} />
        {q !== '' && (
          <Card className="mt-3 overflow-hidden">
            {hits.length === 0 ? (
              <p role="status" className="px-4 py-6 text-center text-muted-foreground">
                {isFetching
                  ? 'Searching…'
                  : isError
                    ? 'The search did not answer.'
                    : `Nothing matches “${q}”.`}
              </p>
            ) : (
              <ul aria-label="Results">
                {hits.map(({ ref, name, team }) => {
                  const { type, local } = parsed(ref)
                  const Icon = iconOf(type)
                  return (
                    <li key={ref} className="border-b border-border/60 last:border-0">
                      <button
                        type="button"
                        onClick={() => start(ref)}
                        className="flex min-h-12 w-full items-center gap-3 px-4 py-1.5 text-left -outline-offset-2 hover:bg-muted"
                      >
                        <Icon aria-hidden className="size-4.5 shrink-0 text-muted-foreground" />
                        <span className="min-w-0 flex-1">
                          <span className="block truncate font-medium">{name}</span>
                          <span className="block truncate font-mono text-2xs text-muted-foreground">
                            {local}
                          </span>
                        </span>
                        {team && <span className="shrink-0 text-xs text-muted-foreground">{team}</span>}
                      </button>
                    </li>
                  )
                })}
              </ul>
            )}
          </Card>
        )}
      </div>
      {q === '' && teams.length > 0 && (
        <Section title="Or with a team" className="mt-8">
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-2">
            {teams.slice(0, most_teams).map(({ ref, name, display_name }) => (
              <li key={ref}>
                <button
                  type="button"
                  onClick={() => start(ref)}
                  className="flex h-11 w-full items-center gap-2.5 rounded-lg border bg-card px-3 text-left font-medium hover:border-input hover:bg-muted"
                >
                  <TeamMark team={name} />
                  <span className="truncate">{display_name}</span>
                </button>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Page>
  )
}
