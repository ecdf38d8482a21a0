import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { Link } from 'wouter'
import type { Resource } from '@/api/resources'
import { sourcesQuery } from '@/api/sources'
import type { Evidence } from '@/api/why'
import { permissionIn, unreadReasons } from '@/lib/story'
import { troubleAt } from '@/lib/trouble'

/** What could not be read, which permission is missing, and where to see more. */
export function Unread({ resource, evidence }: { resource: Resource; evidence: readonly Evidence[] }) {
  const scopes = useQuery(sourcesQuery).data?.scopes ?? []
  const reasons = unreadReasons(evidence)
  const troubles = troubleAt(scopes, resource)
  const permissions = [
    ...new Set([
      ...reasons.flatMap((reason) => permissionIn(reason) ?? []),
      ...troubles.flatMap(({ permission }) => permission ?? []),
    ]),
  ]
  return (
    <div className="mb-4 rounded-md border border-warn/30 bg-warn-ground px-4 py-3">
      <p className="flex items-center gap-2 font-semibold text-warn">
        <KeyRound aria-hidden className="size-4 shrink-0" />
        {permissions.length > 0 ? (
          <span>
            Missing permission:{' '}
            {permissions.map((permission) => (
              <code key={permission} className="mr-1 font-mono text-xs">
                {permission}
              </code>
            ))}
          </span>
        ) : (
          'It could not be read'
        )}
      </p>
      <p className="mt-1 text-pretty">
        The portal could not read its tags, so it does not say that it has none. With the permission the next
        collection reads them, and this answers itself.{' '}
        <Link href="/sources" className="link font-medium">
          What each source could read
        </Link>
      </p>
      {troubles.length > 0 && (
        <ul
          aria-label="What could not be read"
          className="mt-2 flex flex-col gap-1 text-xs text-muted-foreground"
        >
          {troubles.map(({ source, kind, coverage, reason }) => (
            <li key={`${source} ${kind}`} className="wrap-anywhere">
              <span className="font-medium text-foreground">
                {source} · {kind}: {coverage}
              </span>
              {reason && ` – ${reason}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
