import { expect, test } from 'vitest'
import { percent, piecesOf, troublesOf } from '@/lib/health-history'

const hour = 3_600_000
const at = (hours: number) => new Date(hours * hour).toISOString()

test('an outage of minutes is seen in a piece of hours', () => {
  const spans = [
    { status: 'healthy' as const, from: at(1), to: at(2.2) },
    { status: 'down' as const, from: at(2.3), to: at(2.4) },
    { status: 'healthy' as const, from: at(2.5), to: at(4) },
  ]
  const statuses = piecesOf(spans, 0, 4 * hour, 4).map(({ status }) => status)
  expect(statuses).toEqual([null, 'healthy', 'down', 'healthy'])
})

test('not knowing is not trouble, and weaker than knowing', () => {
  const spans = [
    { status: 'unknown' as const, from: at(0), to: at(1.9) },
    { status: 'healthy' as const, from: at(0.1), to: at(0.5) },
  ]
  expect(piecesOf(spans, 0, 2 * hour, 2).map(({ status }) => status)).toEqual(['healthy', 'unknown'])
  expect(troublesOf(spans)).toEqual([])
})

test('what lies outside of the time is not drawn', () => {
  const spans = [{ status: 'down' as const, from: at(-5), to: at(-3) }]
  expect(piecesOf(spans, 0, hour, 2).every(({ status }) => status === null)).toBe(true)
})

test('a share is never rounded up to all', () => {
  expect(percent(1)).toBe('100 %')
  expect(percent(0.999999)).toBe('99.99 %')
  expect(percent(0.5)).toBe('50.0 %')
  expect(percent(0)).toBe('0.00 %')
})
