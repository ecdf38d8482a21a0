/** The past of a service's status, as something that can be drawn and read. */
import type { Health } from '@/api/services'

/** A time in which a service had one status. */
export interface Span {
  status: Health
  from: string
  to: string
}

/** A piece of a strip: the worst that was found in it; null where nobody asked. */
export interface Piece {
  from_ms: number
  to_ms: number
  status: Health | null
}

const worst_first: readonly (Health | null)[] = ['down', 'degraded', 'healthy', 'unknown', null]

/** Cuts the time from `from_ms` to `to_ms` into equal pieces. An outage of a minute is seen in a piece of an hour. */
export function piecesOf(spans: readonly Span[], from_ms: number, to_ms: number, count: number): Piece[] {
  const length_ms = (to_ms - from_ms) / count
  const pieces: Piece[] = Array.from({ length: count }, (_, index) => ({
    from_ms: from_ms + index * length_ms,
    to_ms: from_ms + (index + 1) * length_ms,
    status: null,
  }))
  for (const span of spans) {
    const first = Math.max(0, Math.floor((Date.parse(span.from) - from_ms) / length_ms))
    const last = Math.min(count - 1, Math.floor((Date.parse(span.to) - from_ms) / length_ms))
    for (let index = first; index <= last; index += 1) {
      const piece = pieces[index]
      if (piece && worst_first.indexOf(span.status) < worst_first.indexOf(piece.status))
        piece.status = span.status
    }
  }
  return pieces
}

/** When it was not well, newest first. */
export function troublesOf<T extends Span>(spans: readonly T[]): T[] {
  return spans
    .filter(({ status }) => status === 'down' || status === 'degraded')
    .sort((one, other) => Date.parse(other.from) - Date.parse(one.from))
}

/** From when on something is known; null where nobody asked. */
export function knownSince(spans: readonly Span[]): number | null {
  const known = spans.filter(({ status }) => status !== 'unknown').map(({ from }) => Date.parse(from))
  return known.length === 0 ? null : Math.min(...known)
}

/** `99.98 %`: never 100 where something was down. */
export function percent(share: number): string {
  const exact = share * 100
  if (exact === 100) return '100 %'
  const digits = exact >= 99 ? 2 : exact >= 10 ? 1 : 2
  const step = 10 ** digits
  return `${(Math.floor(exact * step) / step).toFixed(digits)} %`
}
