import { expect, test } from 'vitest'
import type { Evidence } from '@/api/why'
import { grouped } from '@/lib/evidence'

const claim = (found_on: string, read_at: string, won = true): Evidence => ({
  rule: 'inherited',
  field: 'label team',
  raw: 'payments',
  team: 'payments',
  won,
  source: 'kubernetes',
  read_at,
  found_on,
})

test('the same claim in three places is one, as old as its oldest reading', () => {
  const [only, ...rest] = grouped([
    claim('dev', '2026-03-03'),
    claim('prod', '2026-03-01'),
    claim('dev', '2026-03-02'),
  ])
  expect(rest).toEqual([])
  expect(only).toMatchObject({ found_on: ['dev', 'prod'], read_at: '2026-03-01' })
})

test('a claim that lost is not mixed with one that won', () => {
  expect(grouped([claim('dev', '2026-03-03'), claim('prod', '2026-03-01', false)])).toHaveLength(2)
})
