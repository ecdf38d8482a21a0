import { Fragment } from 'react'
import { partsOf } from '@/lib/message'
import { placeIn } from '@/lib/refs'
import { EntityLink } from './entity-link'

/** A sentence of the portal: refs by their names, and what was found literally letter by letter. */
export function Message({ message, about }: { message: string; about?: string | null }) {
  return partsOf(message).map((part, index) => {
    if ('text' in part) return part.text
    if ('ref' in part)
      // What it is about stands beside it already.
      return part.ref === about ? (
        'it'
      ) : (
        <Fragment key={index}>
          <EntityLink entity={part.ref} icon={false} className="inline font-normal" />
          {clusterOf(part.ref)}
        </Fragment>
      )
    return (
      <code key={index} className="rounded bg-muted px-1 py-px font-mono text-xs text-foreground">
        {part.literal}
      </code>
    )
  })
}

/** One workload runs in several clusters, and its name is the same in each. */
function clusterOf(ref: string) {
  const place = placeIn(ref)
  return place && 'cluster' in place ? ` in ${place.cluster}` : ''
}
