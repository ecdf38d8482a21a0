import type { Team } from '@/api/teams'
import { Card, Section } from '@/components/page'
import { rule_words } from '@/lib/story'
import { tagCoverage } from '@/lib/tag-coverage'
import { count } from '@/lib/time'

const most_keys = 6

/** How well its resources are tagged: which say themselves whose they are, and which keys they carry. */
export function TagCoverage({ team }: { team: Team }) {
  const resources = team.resources ?? []
  const { total, rules, keys, untagged } = tagCoverage(resources)
  if (total === 0) return null
  const cut = total < team.counts.resources
  return (
    <Section title="Tags of its resources">
      <Card className="flex flex-col gap-5 p-4">
        <div>
          <p className="mb-2 text-xs font-medium text-muted-foreground">How the owner is known</p>
          <ul className="flex flex-col gap-2">
            {rules.map(({ name, count: n }) => (
              <Part key={name} word={name} title={rule_words[name]} n={n} of={total} />
            ))}
          </ul>
        </div>
        <div>
          <p className="mb-2 text-xs font-medium text-muted-foreground">Tags that most carry</p>
          {keys.length === 0 ? (
            <p className="text-muted-foreground">None carries a tag.</p>
          ) : (
            <ul className="flex flex-col gap-2">
              {keys.slice(0, most_keys).map(({ name, count: n }) => (
                <Part key={name} word={name} n={n} of={total} />
              ))}
            </ul>
          )}
        </div>
        {(untagged > 0 || cut) && (
          <p className="text-xs text-pretty text-muted-foreground">
            {untagged > 0 && `${count(untagged)} of ${count(total)} carry no tag at all. `}
            {cut && `Counted over the first ${count(total)} of ${count(team.counts.resources)}.`}
          </p>
        )}
      </Card>
    </Section>
  )
}

function Part({ word, title, n, of }: { word: string; title?: string | undefined; n: number; of: number }) {
  return (
    <li>
      <span className="flex justify-between gap-3">
        <span className="truncate" title={title ?? word}>
          {word}
        </span>
        <span className="shrink-0 text-xs text-muted-foreground tabular-nums">
          {count(n)} of {count(of)}
        </span>
      </span>
      <span aria-hidden className="mt-1 block h-1 overflow-hidden rounded-full bg-muted">
        <span className="block h-full rounded-full bg-primary" style={{ width: `${(n / of) * 100}%` }} />
      </span>
    </li>
  )
}
