import { Lightbulb } from 'lucide-react'
import { Link } from 'wouter'
import type { Versioned } from '@/api/client'
import type { Resource } from '@/api/resources'
import { Message } from '@/components/message'
import { Story as OwnershipStory, type Why } from '@/components/ownership/Story'
import { pathOf } from '@/lib/refs'
import { SuggestionButtons } from './SuggestionButtons'
import { Unread } from './Unread'

/** Who owns it and why, with who is suggested, and what to do about what could not be read. */
export function Story({ version, why }: { version: Versioned<Resource>; why: Why }) {
  const resource = version.data
  return (
    <OwnershipStory
      thing={resource}
      why={why}
      suggested={resource.suggestion && <Suggested version={version} suggestion={resource.suggestion} />}
      unread={<Unread resource={resource} evidence={why.data?.evidence ?? []} />}
    />
  )
}

function Suggested({
  version,
  suggestion: { team, reason },
}: {
  version: Versioned<Resource>
  suggestion: NonNullable<Resource['suggestion']>
}) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-5 py-3.5">
      <p className="flex min-w-0 flex-1 basis-72 items-start gap-2.5">
        <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <span className="text-pretty">
          <span className="font-medium">
            Maybe{' '}
            <Link href={pathOf(`team:${team}`) ?? '/teams'} className="link">
              {team}
            </Link>
            :
          </span>{' '}
          <Message message={reason} />.
        </span>
      </p>
      <SuggestionButtons version={version} team={team} />
    </div>
  )
}
