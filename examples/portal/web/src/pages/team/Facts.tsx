import { useQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode } from 'react'
import { allTeamsQuery, type Team } from '@/api/teams'
import { EntityLink } from '@/components/entity-link'
import { ExternalLink } from '@/components/external-link'
import { Badge } from '@/components/ui/badge'
import { safeUrl } from '@/lib/safe-url'
import { childrenOf } from '@/lib/teams'

const mail = /^[^\s@,;:?&/]+@[^\s@,;:?&/]+$/

export function Facts({ team }: { team: Team }) {
  const children = childrenOf(useQuery(allTeamsQuery).data ?? [], team.name)
  const facts: [term: string, value: ReactNode][] = [
    ['Product', team.product && <EntityLink key="product" entity={`product:${team.product}`} />],
    ['Contact', team.contact && <Contact text={team.contact} />],
    ['Belongs to', team.parents.length > 0 && <TeamLinks names={team.parents} />],
    ['Has teams', children.length > 0 && <TeamLinks names={children.map(({ name }) => name)} />],
    [
      'Also called',
      team.aliases.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {team.aliases.map((alias) => (
            <li key={alias} className="flex max-w-full">
              <Badge tone="outline" className="font-normal">
                <span className="truncate">{alias}</span>
              </Badge>
            </li>
          ))}
        </ul>
      ),
    ],
    [
      'Slug',
      <code key="slug" className="font-mono text-xs wrap-anywhere">
        {team.name}
      </code>,
    ],
  ]
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-2.5">
      {facts.map(([term, value]) =>
        value ? (
          <Fragment key={term}>
            <dt className="text-muted-foreground">{term}</dt>
            <dd className="min-w-0">{value}</dd>
          </Fragment>
        ) : null,
      )}
    </dl>
  )
}

/** A mail address, a web address, or the words that stand there: `#payments`. */
function Contact({ text }: { text: string }) {
  if (safeUrl(text)) return <ExternalLink href={text}>{text}</ExternalLink>
  if (mail.test(text))
    return (
      <a href={`mailto:${encodeURIComponent(text).replace('%40', '@')}`} className="link wrap-anywhere">
        {text}
      </a>
    )
  return <span className="wrap-anywhere">{text}</span>
}

function TeamLinks({ names }: { names: readonly string[] }) {
  return (
    <ul className="flex flex-col gap-1">
      {names.map((name) => (
        <li key={name} className="flex min-w-0">
          <EntityLink entity={`team:${name}`} />
        </li>
      ))}
    </ul>
  )
}
