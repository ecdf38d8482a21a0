import { expect, test } from 'vitest'
import type { Change } from '@/api/changes'
import { differenceOf, itemsOf, sidesOf } from '@/lib/difference'

function step(ref: string, action: string, fields: Change['fields'] = [], revision = 1): Change {
  const at = new Date(revision * 1000).toISOString()
  return {
    revision,
    at,
    cause: 'ingest',
    by: null,
    ref,
    name: ref,
    type: 'service',
    action,
    fields,
    team: 'payments',
  } as Change
}
const field = (name: string, from: unknown, to: unknown) => ({ field: name, from, to })

test('the steps of one thing come to one difference', () => {
  const steps = [
    step('a', 'changed', [field('team', 'y', 'z')], 3),
    step('b', 'retired', [], 2),
    step('a', 'changed', [field('team', 'x', 'y'), field('product', null, 'p')], 1),
  ]
  const found = differenceOf(steps)
  expect(found.map(({ ref, action, steps }) => [ref, action, steps])).toEqual([
    ['a', 'changed', 2],
    ['b', 'retired', 1],
  ])
  expect(found[0]?.fields).toEqual([field('team', 'x', 'z'), field('product', null, 'p')])
})

test('what was changed back is not different', () => {
  const there_and_back = [
    step('a', 'changed', [field('team', 'y', 'x')], 2),
    step('a', 'changed', [field('team', 'x', 'y')], 1),
  ]
  expect(differenceOf(there_and_back)).toEqual([])
})

test('what came and went between the two moments is not there', () => {
  expect(differenceOf([step('a', 'retired', [], 2), step('a', 'added', [], 1)])).toEqual([])
})

test('what went and came back with another owner is a change', () => {
  const back = [
    step('a', 'added', [field('team', null, 'y')], 2),
    step('a', 'retired', [field('team', 'x', null)], 1),
  ]
  expect(differenceOf(back)).toMatchObject([{ action: 'changed', fields: [field('team', 'x', 'y')] }])
})

test('of a list only what differs is told', () => {
  const tags = field(
    'tags',
    [
      ['tier', '1'],
      ['critical', ''],
    ],
    [
      ['tier', '2'],
      ['critical', ''],
    ],
  )
  expect(sidesOf(tags)).toEqual({ gone: ['tier=1'], come: ['tier=2'] })
  expect(sidesOf(field('team', null, 'search'))).toEqual({ gone: [], come: ['search'] })
  expect(itemsOf({ engine: 'postgres', size: 3 })).toEqual(['engine=postgres', 'size=3'])
  expect(itemsOf([{ title: 'Runbook', url: 'https://x.example/' }])).toEqual(['Runbook https://x.example/'])
})
