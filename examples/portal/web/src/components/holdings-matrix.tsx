import { Link } from 'wouter'
import type { Matrix, MatrixRow } from '@/lib/matrix'
import { count } from '@/lib/time'

/** `database-cluster` reads `Database cluster`; a provider's own `ec2:vpc` stays. */
export function typeWord(type: string) {
  if (type.includes(':')) return type
  const words = type.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * What somebody has, and where: a row for services and for each type of resources, a column for each environment. Each
 * number leads to the list of just these. On a narrow window it scrolls sideways, with the first column in its place.
 */
export function HoldingsMatrix({
  label,
  matrix,
  filter,
}: {
  label: string
  matrix: Matrix
  /** What narrows the lists that the numbers lead to: `team=payments`. */
  filter: string
}) {
  const to = ({ type }: MatrixRow, environment?: string) => {
    const parts = [filter]
    if (environment !== undefined) parts.push(`environment=${encodeURIComponent(environment)}`)
    if (type !== null) parts.push(`type=${encodeURIComponent(type)}`)
    return `${type === null ? '/services' : '/resources'}?${parts.join('&')}`
  }
  const word = ({ type }: MatrixRow) => (type === null ? 'Services' : typeWord(type))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keyboard, too
    <section aria-label={label} tabIndex={0} className="overflow-x-auto rounded-lg border bg-card">
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="border-b text-xs text-muted-foreground">
            <th scope="col" className="sticky left-0 z-[1] h-9 bg-card px-2.5 sm:px-4 text-left font-medium">
              What
            </th>
            {matrix.environments.map((environment) => (
              <th
                key={environment}
                scope="col"
                className="w-28 px-2.5 sm:px-4 text-right font-medium whitespace-nowrap"
              >
                {environment}
              </th>
            ))}
            {matrix.has_elsewhere && (
              <th scope="col" className="w-28 px-2.5 sm:px-4 text-right font-medium whitespace-nowrap">
                No environment
              </th>
            )}
            <th scope="col" className="w-28 px-2.5 sm:px-4 text-right font-medium whitespace-nowrap">
              In all
            </th>
          </tr>
        </thead>
        <tbody>
          {matrix.rows.map((row) => (
            <tr
              key={row.type ?? ''}
              className="h-10 border-b border-border/60 last:border-0 hover:bg-muted/60"
            >
              <th
                scope="row"
                className="sticky left-0 z-[1] bg-card px-2.5 sm:px-4 text-left font-medium whitespace-nowrap"
              >
                {word(row)}
              </th>
              {row.counts.map((n, column) => {
                const environment = matrix.environments[column] ?? ''
                return (
                  <td key={environment} className="px-2.5 sm:px-4 text-right tabular-nums">
                    <Cell
                      n={n}
                      to={to(row, environment)}
                      label={`${count(n)}: ${word(row)} in ${environment}`}
                    />
                  </td>
                )
              })}
              {matrix.has_elsewhere && (
                <td className="px-2.5 sm:px-4 text-right text-muted-foreground tabular-nums">
                  {row.elsewhere === 0 ? '·' : count(row.elsewhere)}
                </td>
              )}
              <td className="px-2.5 sm:px-4 text-right font-semibold tabular-nums">
                <Cell n={row.total} to={to(row)} label={`${count(row.total)}: ${word(row)} in all`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Cell({ n, to, label }: { n: number; to: string; label: string }) {
  if (n === 0)
    return (
      <span className="text-muted-foreground">
        <span aria-hidden>·</span>
        <span className="sr-only">0</span>
      </span>
    )
  return (
    <Link href={to} aria-label={label} className="link -mx-2 rounded px-2 py-1 hover:bg-accent">
      {count(n)}
    </Link>
  )
}
