import type { ReactNode } from 'react'
import type { Schemas } from '@/api/client'
import { EntityLink } from '@/components/entity-link'
import type { Why } from '@/components/ownership/Story'
import { Card, Section } from '@/components/page'
import { Skeleton } from '@/components/ui/skeleton'
import { count } from '@/lib/time'

type Linked = Schemas['Linked']

/** Who uses it and what made it, each with why the portal believes so. */
export function Related({ why }: { why: Why }) {
  const { data } = why
  if (!data) return why.isError ? null : <Skeleton className="h-40" />
  const made = [...(data.created_by ? [data.created_by] : [])]
  return (
    <div className="grid gap-8 lg:grid-cols-2">
      <Links
        title="Used by"
        links={data.used_by}
        none="No service was found whose configuration names it. Something that is not read may still use it."
      />
      <Links
        title="Created by"
        links={made}
        none="No stack or module says that it made it."
        after={data.part_of.length > 0 && <PartOf links={data.part_of} />}
      />
    </div>
  )
}

function Links({
  title,
  links,
  none,
  after,
}: {
  title: string
  links: readonly Linked[]
  none: string
  after?: ReactNode
}) {
  return (
    <Section
      title={title}
      beside={
        links.length > 0 && <span className="text-muted-foreground tabular-nums">{count(links.length)}</span>
      }
    >
      {links.length === 0 ? (
        <p className="text-pretty text-muted-foreground">{none}</p>
      ) : (
        <Card>
          <ul>
            {links.map((link) => (
              <li key={link.ref} className="border-b border-border/60 px-4 py-2.5 last:border-0">
                <EntityLink entity={link.ref} name={link.name} />
                <Reasons link={link} />
              </li>
            ))}
          </ul>
        </Card>
      )}
      {after}
    </Section>
  )
}

/** `environment variable ORDERS_BUCKET says invoices`, once for each place. */
function Reasons({ link }: { link: Linked }) {
  const reasons = [
    ...new Map(link.evidence.map((one) => [`${one.rule} ${one.field} ${one.raw}`, one])).values(),
  ]
  return (
    <ul className="mt-0.5 flex flex-col gap-0.5 pl-5.5 text-xs text-muted-foreground">
      {reasons.slice(0, 3).map(({ rule, field, raw }) => (
        <li key={`${rule} ${field} ${raw}`} className="wrap-anywhere">
          {field} = <code className="font-mono text-foreground">{raw}</code>
        </li>
      ))}
      {reasons.length > 3 && <li>and {count(reasons.length - 3)} more</li>}
    </ul>
  )
}

function PartOf({ links }: { links: readonly Linked[] }) {
  return (
    <p className="mt-3 flex flex-wrap items-center gap-2 text-muted-foreground">
      Part of{' '}
      {links.map(({ ref, name }) => (
        <EntityLink key={ref} entity={ref} name={name} />
      ))}
    </p>
  )
}
