import { expect, test } from 'vitest'
import { counted, duration, relative } from '@/lib/time'

const now = Date.parse('2026-03-01T12:00:00Z')
const at = (text: string) => relative(new Date(text), now)

test('times read as people say them', () => {
  expect(at('2026-03-01T11:59:30Z')).toBe('just now')
  expect(at('2026-03-01T09:10:00Z')).toBe('2 hours ago')
  expect(at('2026-02-28T11:00:00Z')).toBe('yesterday')
  expect(at('2024-01-01T00:00:00Z')).toBe('2 years ago')
})

test('a clock that is a little ahead makes no time in the future', () => {
  expect(at('2026-03-01T12:00:40Z')).toBe('just now')
})

test('ages and counts have their unit', () => {
  expect(duration(45)).toBe('45 s')
  expect(duration(240)).toBe('4 min')
  expect(counted(1, 'service')).toBe('1 service')
  expect(counted(12345, 'entry', 'entries')).toBe('12,345 entries')
})
