/** The typed client. Its paths and shapes come from openapi.json (`npm run api`). */
import createClient, { type Middleware } from 'openapi-fetch'
import { apiKey, note } from './connection'
import { ApiError, type Problem } from './problem'
import type { components, paths } from './schema'

export type Schemas = components['schemas']

const watched: Middleware = {
  onRequest({ request }) {
    const key = apiKey()
    if (key) request.headers.set('Authorization', `Bearer ${key}`)
  },
  onResponse({ request, response }) {
    // A proxy answers these when the portal behind it is gone; the portal itself says so in a problem document.
    const gone = [502, 503, 504].includes(response.status) && !isProblem(response)
    const age = response.headers.get('Age')
    if (gone) note({ down_since: Date.now() })
    else note({ down_since: null, age_s: age === null ? null : Number(age), ...about(request, response) })
  },
  onError({ error }) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) note({ down_since: Date.now() })
  },
}

/** What an answer says about the key; about one that was changed meanwhile it says nothing. */
function about(request: Request, { status }: Response) {
  const key = apiKey()
  if (request.headers.get('Authorization') !== (key && `Bearer ${key}`)) return {}
  return status === 401 ? { needs_key: true } : { needs_key: false, answered: true }
}

/** Longer than the server thinks about anything. Whoever has not answered by then hangs. */
const patience_ms = 20_000

async function patient(request: Request): Promise<Response> {
  const hangs = new AbortController()
  const timer = setTimeout(() => hangs.abort(new DOMException('no answer', 'TimeoutError')), patience_ms)
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, hangs.signal]) })
  } finally {
    clearTimeout(timer)
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: patient })
api.use(watched)

/** An answer with the version that a later write names. */
export interface Versioned<T> {
  data: T
  etag: string | null
}

/** What a write says it saw. Without a version it is refused as stale, rather than written over somebody's words. */
export const ifMatch = (etag: string | null) => ({ 'If-Match': etag ?? '' })

interface Outcome<T> {
  data?: T | undefined
  error?: unknown
  response: Response
}

/** The answer's body.
 * @throws {ApiError} for every answer that is not a success */
export async function answer<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  return (await versioned(outcome)).data
}

/** The answer's body and its ETag.
 * @throws {ApiError} for every answer that is not a success */
export async function versioned<T>(outcome: Promise<Outcome<T>>): Promise<Versioned<T>> {
  const { data, error, response } = await outcome.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError({ type: 'about:blank', title: 'The portal does not answer', status: 0 })
  })
  if (response.ok) return { data: data as T, etag: response.headers.get('ETag') }
  const problem: Problem = isProblem(response)
    ? (error as Problem)
    : {
        type: 'about:blank',
        title: response.statusText || `HTTP ${response.status}`,
        status: response.status,
      }
  throw new ApiError(problem)
}

function isProblem(response: Response) {
  return response.headers.get('Content-Type')?.startsWith('application/problem+json') ?? false
}
