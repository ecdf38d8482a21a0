import { Fragment, type ReactNode } from 'react'
import type { Resource } from '@/api/resources'
import { EntityLink } from '@/components/entity-link'
import { ExternalLink } from '@/components/external-link'
import { RelativeTime } from '@/components/relative-time'
import { TeamChip } from '@/components/team-chip'
import { safeUrl } from '@/lib/safe-url'

/** What is known about it in a few words. */
export function Facts({ resource }: { resource: Resource }) {
  const links = resource.links.filter(({ url }) => safeUrl(url))
  const facts: [term: string, value: ReactNode][] = [
    ['Owner', <TeamChip key="team" team={resource.team} ownership={resource.ownership} />],
    ['Product', resource.product && <EntityLink key="product" entity={`product:${resource.product}`} />],
    [
      'Environment',
      resource.account && (
        <EntityLink
          key="environment"
          entity={`environment:${resource.account}`}
          name={
            resource.environment && resource.environment !== resource.account
              ? `${resource.environment} · ${resource.account}`
              : resource.account
          }
        />
      ),
    ],
    ['Region', resource.region],
    [
      'Links',
      links.length > 0 && (
        <ul className="flex flex-col gap-1">
          {links.map(({ title, url }) => (
            <li key={`${title} ${url}`}>
              <ExternalLink href={url}>{title}</ExternalLink>
            </li>
          ))}
        </ul>
      ),
    ],
    ['Created', <RelativeTime key="created" time={resource.created_at} otherwise="not said" />],
    ['First seen', <RelativeTime key="first" time={resource.first_seen} otherwise="not yet" />],
    ['Last seen', <RelativeTime key="last" time={resource.last_seen} otherwise="not yet" />],
    ['Changed', <RelativeTime key="changed" time={resource.updated_at} otherwise="not since" />],
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
