import { expect, test } from 'vitest'
import { fieldOf, timeOf } from '@/lib/moments'

test('only a time is a time', () => {
  for (const moment of ['7d', '17', '', 'yesterday', '2026-13-45T99:00:00Z'])
    expect(timeOf(moment)).toBeNull()
  expect(timeOf('2026-03-01T12:30:00.000Z')?.getTime()).toBe(Date.UTC(2026, 2, 1, 12, 30))
})

test('the field shows the time that the address names', () => {
  const time = new Date(2026, 2, 1, 9, 5)
  expect(fieldOf(time)).toBe('2026-03-01T09:05')
  expect(new Date(fieldOf(time)).getTime()).toBe(time.getTime())
})
