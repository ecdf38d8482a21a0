/** Settling who owns something: one decision, written over what the person saw, and a way to take it back. */
import { api, ifMatch, type Versioned, versioned } from './client'
import { ApiError } from './problem'
import { queryClient } from './query'
import { editResource, idOf, type Resource, resourceQuery, sendFeedback } from './resources'
import { type Service, serviceQuery } from './services'

export type Thing = Resource | Service

export type Decision = { action: 'assign' | 'confirm' | 'reject'; team: string }

/** Somebody else settled it in the meantime; nothing was written. */
export class SettledElsewhere extends Error {
  readonly newest: Thing
  constructor(newest: Thing) {
    super(
      newest.team
        ? `Somebody else settled it in the meantime: it belongs to ${newest.team} now.`
        : 'Somebody else changed it in the meantime. Look at it again.',
    )
    this.newest = newest
  }
}

export const isResource = (thing: Thing): thing is Resource => thing.ref.startsWith('resource:')

/** The newest version of a thing, past every cache. */
export async function newestOf(thing: { ref: string }): Promise<Versioned<Thing>> {
  if (thing.ref.startsWith('resource:'))
    return queryClient.fetchQuery({ ...resourceQuery(idOf(thing)), staleTime: 0 })
  return queryClient.fetchQuery({ ...serviceQuery(partsOf(thing)), staleTime: 0 })
}

/**
 * Writes the decision. Where somebody changed the thing since it was read, and who owns it is still the same question,
 * the decision is written over the newest version; else nothing is.
 * @returns how to take it back
 * @throws {SettledElsewhere} if it is another question by now
 * @throws {ApiError} for every other answer that is not a success
 */
export async function settle(seen: Versioned<Thing>, decision: Decision): Promise<() => Promise<void>> {
  const before = seen.data.curated?.team ?? null
  let written: Versioned<Thing>
  try {
    written = await write(seen, decision)
  } catch (error) {
    // 409: another team is suggested by now.
    if (!(error instanceof ApiError) || (error.status !== 412 && error.status !== 409)) throw error
    const newest = await newestOf(seen.data)
    if (!sameQuestion(seen.data, newest.data)) throw new SettledElsewhere(newest.data)
    written = await write(newest, decision)
  }
  return async () => {
    // A rejection is taken back by naming the team, and then taking that word back.
    const named =
      decision.action === 'reject' ? await write(written, { ...decision, action: 'assign' }) : written
    await say(named, before)
  }
}

function write(seen: Versioned<Thing>, { action, team }: Decision): Promise<Versioned<Thing>> {
  const { data, etag } = seen
  if (isResource(data)) return sendFeedback({ id: idOf(data), etag, body: { action, team } })
  return say(seen, team)
}

/** Says who the owner is; null leaves it to what is collected. */
function say({ data, etag }: Versioned<Thing>, team: string | null): Promise<Versioned<Thing>> {
  if (isResource(data)) return editResource({ id: idOf(data), etag, body: { team } })
  return versioned(
    api.PATCH('/api/v1alpha/services/{namespace}/{name}', {
      params: { path: partsOf(data), header: ifMatch(etag) },
      body: { team },
    }),
  )
}

function sameQuestion(seen: Thing, newest: Thing) {
  const asked = (thing: Thing) => [
    thing.team,
    thing.ownership,
    thing.rule,
    isResource(thing) ? (thing.suggestion?.team ?? null) : null,
  ]
  return JSON.stringify(asked(seen)) === JSON.stringify(asked(newest))
}

function partsOf({ ref }: { ref: string }) {
  const local = ref.slice('service:'.length)
  const slash = local.indexOf('/')
  return { namespace: local.slice(0, slash), name: local.slice(slash + 1) }
}
