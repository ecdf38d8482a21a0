import { Fragment } from 'react'
import { Link } from 'wouter'
import { Card, Section } from '@/components/page'
import { count } from '@/lib/time'

/** Tags or attributes: other people's text, shown as it is. `to` leads to whatever else has the same. */
export function Pairs({
  title,
  pairs,
  none,
  to,
}: {
  title: string
  pairs: Readonly<Record<string, string>>
  none: string
  to?: (key: string, value: string) => string
}) {
  // What people wrote stands before what the provider did.
  const entries = Object.entries(pairs).sort(
    ([one], [other]) =>
      Number(one.startsWith('aws:')) - Number(other.startsWith('aws:')) || one.localeCompare(other),
  )
  return (
    <Section
      title={title}
      beside={
        entries.length > 0 && (
          <span className="text-muted-foreground tabular-nums">{count(entries.length)}</span>
        )
      }
    >
      {entries.length === 0 ? (
        <p className="text-muted-foreground">{none}</p>
      ) : (
        <Card className="p-4">
          <dl className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-x-3 gap-y-2">
            {entries.map(([key, value]) => (
              <Fragment key={key}>
                <dt className="text-muted-foreground wrap-break-word">
                  <Breakable text={key} />
                </dt>
                <dd className="min-w-0 wrap-anywhere">
                  {to ? (
                    <Link
                      href={to(key, value)}
                      className="link"
                      title={`Every resource with ${key}=${value}`}
                    >
                      {value === '' ? <em className="text-muted-foreground">empty</em> : value}
                    </Link>
                  ) : value === '' ? (
                    <em className="text-muted-foreground">empty</em>
                  ) : (
                    value
                  )}
                </dd>
              </Fragment>
            ))}
          </dl>
        </Card>
      )}
    </Section>
  )
}

/** A key with places where it may be broken: `aws:cloudformation:stack-id`. */
function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[:/._-])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}
