import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, ArrowRight, Check, Lightbulb, UserRoundPen, X } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { Link } from 'wouter'
import type { Versioned } from '@/api/client'
import { told } from '@/api/problem'
import { queryClient } from '@/api/query'
import { idOf, resourceQuery } from '@/api/resources'
import { serviceQuery } from '@/api/services'
import { type Decision, isResource, type Thing } from '@/api/settle'
import { whyQuery } from '@/api/why'
import { Copyable } from '@/components/copyable'
import { EntityLink } from '@/components/entity-link'
import { Message } from '@/components/message'
import { EvidencePath } from '@/components/ownership/EvidencePath'
import { OwnershipBadge } from '@/components/ownership-badge'
import { StaleMark } from '@/components/states'
import { Tags } from '@/components/tags'
import { TeamChip } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { pathOf } from '@/lib/refs'
import { permissionIn, unreadReasons, verdictOf } from '@/lib/story'
import { count } from '@/lib/time'

interface One {
  /** The whole thing with its version; undefined until it has come. */
  version: Versioned<Thing> | undefined
  error: unknown
}

/** The whole of what is looked at, and in advance that of the next one. */
export function useCase(thing: Thing | null, next: Thing | null): One {
  const resource_id = thing && isResource(thing) ? idOf(thing) : ''
  const service = thing && !isResource(thing) ? thing : { namespace: '', name: '' }
  const resource = useQuery({ ...resourceQuery(resource_id), enabled: resource_id !== '' })
  const one_service = useQuery({ ...serviceQuery(service), enabled: service.name !== '' })
  useEffect(() => {
    if (!next) return
    if (isResource(next)) void queryClient.prefetchQuery(resourceQuery(idOf(next)))
    else void queryClient.prefetchQuery(serviceQuery(next))
    void queryClient.prefetchQuery(whyQuery(next.ref))
  }, [next])
  const found = thing && isResource(thing) ? resource : one_service
  // What is kept of the one before is not this one.
  const version = found.data?.data.ref === thing?.ref ? found.data : undefined
  return { version, error: found.error }
}

/** One case: what is known, who is suggested, and what to do about it. */
export function Case({
  thing,
  one,
  place,
  assign,
  decide,
  next,
  previous,
}: {
  thing: Thing
  one: One
  /** `3 of 40`. */
  place: string
  assign: () => void
  decide: (action: Decision['action'], team: string) => void
  next: () => void
  previous: () => void
}) {
  const why = useQuery(whyQuery(thing.ref))
  const whole = one.version?.data
  const suggestion = whole && isResource(whole) ? whole.suggestion : undefined
  const unread = unreadReasons(why.data?.evidence ?? [])
  const permissions = [...new Set(unread.flatMap((reason) => permissionIn(reason) ?? []))]
  const tags = isResource(thing)
    ? Object.entries(thing.tags).map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    : thing.tags
  return (
    <article
      aria-label={thing.display_name}
      className="min-w-0 rounded-lg border bg-card lg:sticky lg:top-18 lg:max-h-[calc(100dvh-5.5rem)] lg:overflow-y-auto"
    >
      <header className="border-b px-5 pt-4 pb-3.5">
        <div className="flex items-start justify-between gap-3">
          <h2 className="min-w-0 text-lg leading-6 font-semibold tracking-tight wrap-anywhere">
            <Link href={pathOf(thing.ref) ?? '/'} className="link">
              {thing.display_name}
            </Link>
          </h2>
          <div className="flex shrink-0 items-center gap-1">
            <span className="mr-1 text-xs text-muted-foreground tabular-nums">{place}</span>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label="Previous"
              title="Previous (K)"
              onClick={previous}
            >
              <ArrowLeft />
            </Button>
            <Button variant="ghost" size="icon-sm" aria-label="Next" title="Next (J)" onClick={next}>
              <ArrowRight />
            </Button>
          </div>
        </div>
        <p className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-muted-foreground">
          <OwnershipBadge state={thing.ownership} />
          {thing.stale && <StaleMark />}
          <span>
            {isResource(thing)
              ? [thing.type, thing.environment ?? thing.account, thing.region].filter(Boolean).join(' · ')
              : [thing.kind.replaceAll('-', ' '), ...thing.environments].join(' · ')}
          </span>
          {thing.team && (
            <span className="inline-flex items-center gap-1.5">
              last known: <TeamChip team={thing.team} />
            </span>
          )}
        </p>
        <Copyable text={thing.ref.slice(thing.ref.indexOf(':') + 1)} className="mt-1.5" />
      </header>

      <div className="flex min-h-18 flex-wrap items-center gap-x-4 gap-y-3 border-b bg-muted/40 px-5 py-3.5">
        {one.version ? (
          suggestion ? (
            <>
              <p className="flex min-w-0 flex-1 basis-64 items-start gap-2.5">
                <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
                <span className="text-pretty">
                  <span className="font-semibold">Maybe {suggestion.team}:</span>{' '}
                  <Message message={suggestion.reason} />.
                </span>
              </p>
              <div className="flex flex-wrap gap-2">
                <Act
                  letter="C"
                  icon={<Check aria-hidden />}
                  onClick={() => decide('confirm', suggestion.team)}
                >
                  Confirm
                </Act>
                <Act
                  letter="R"
                  quiet
                  icon={<X aria-hidden />}
                  onClick={() => decide('reject', suggestion.team)}
                >
                  Reject
                </Act>
                <Act letter="A" quiet icon={<UserRoundPen aria-hidden />} onClick={assign}>
                  Assign
                </Act>
              </div>
            </>
          ) : (
            <>
              <p className="min-w-0 flex-1 basis-64 text-pretty text-muted-foreground">
                {isResource(thing)
                  ? 'Nobody is suggested: neither its stack nor its name says more.'
                  : 'Somebody who knows it has to say.'}
              </p>
              <Act letter="A" icon={<UserRoundPen aria-hidden />} onClick={assign}>
                Assign
              </Act>
            </>
          )
        ) : one.error ? (
          <p role="alert" className="text-bad">
            It could not be read. {told(one.error)}
          </p>
        ) : (
          <Skeleton className="h-9 w-full" />
        )}
      </div>

      <div className="flex flex-col gap-5 px-5 py-4">
        <section aria-label="Why it has no owner">
          {why.data ? (
            <>
              <p className="mb-3 max-w-prose text-pretty wrap-anywhere">
                {verdictOf(why.data, why.data.ref)}
              </p>
              {permissions.length > 0 && (
                <p className="mb-3">
                  Missing permission:{' '}
                  {permissions.map((permission) => (
                    <code
                      key={permission}
                      className="mr-1.5 rounded bg-muted px-1.5 py-0.5 font-mono text-xs"
                    >
                      {permission}
                    </code>
                  ))}
                </p>
              )}
              {why.data.evidence.length > 0 && (
                <EvidencePath evidence={why.data.evidence} state={why.data.state} self={why.data.ref} />
              )}
            </>
          ) : why.isError ? (
            <p role="alert" className="text-bad">
              The evidence could not be read. {told(why.error)}
            </p>
          ) : (
            <Skeleton className="h-20" />
          )}
        </section>
        {why.data && why.data.used_by.length > 0 && (
          <section aria-label="Used by">
            <h3 className="mb-1.5 text-xs font-medium text-muted-foreground">
              Used by {why.data.used_by.length > 1 && count(why.data.used_by.length)}
            </h3>
            <ul className="flex flex-wrap gap-x-4 gap-y-1">
              {why.data.used_by.slice(0, 8).map(({ ref, name }) => (
                <li key={ref} className="flex min-w-0">
                  <EntityLink entity={ref} name={name} />
                </li>
              ))}
            </ul>
          </section>
        )}
        {why.data?.created_by && (
          <section aria-label="Created by">
            <h3 className="mb-1.5 text-xs font-medium text-muted-foreground">Created by</h3>
            <EntityLink entity={why.data.created_by.ref} name={why.data.created_by.name} />
          </section>
        )}
        {tags.length > 0 && (
          <section aria-label="Its tags">
            <h3 className="mb-1.5 text-xs font-medium text-muted-foreground">Tags</h3>
            <Tags tags={tags} />
          </section>
        )}
      </div>
    </article>
  )
}

/** A button with the letter that does the same. */
function Act({
  letter,
  icon,
  quiet = false,
  onClick,
  children,
}: {
  letter: string
  icon: ReactNode
  quiet?: boolean
  onClick: () => void
  children: ReactNode
}) {
  return (
    <Button
      {...(quiet && { variant: 'outline' as const })}
      size="sm"
      onClick={onClick}
      aria-keyshortcuts={letter}
    >
      {icon}
      {children}
      <kbd
        aria-hidden
        className="ml-0.5 hidden rounded border border-current/40 px-1 font-sans text-2xs leading-4 sm:inline"
      >
        {letter}
      </kbd>
    </Button>
  )
}
