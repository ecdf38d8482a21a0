import { expect, test } from 'vitest'
import { changed, merge } from '@/lib/merge'

const base = { description: 'old', team: 'a', tags: ['x'] }

test('what only the other person changed is taken over', () => {
  const result = merge(base, { ...base, description: 'mine' }, { ...base, team: 'b' })
  expect(result.values).toEqual({ description: 'mine', team: 'b', tags: ['x'] })
  expect(result.taken).toEqual(['team'])
  expect(result.conflicts).toEqual({})
})

test('what both changed stays mine, with theirs beside it', () => {
  const result = merge(base, { ...base, description: 'mine' }, { ...base, description: 'theirs' })
  expect(result.values.description).toBe('mine')
  expect(result.conflicts).toEqual({ description: 'theirs' })
})

test('the same change by both is no conflict', () => {
  const both = { ...base, tags: ['x', 'y'] }
  expect(merge(base, both, { ...base, tags: ['x', 'y'] })).toEqual({ values: both, taken: [], conflicts: {} })
})

test('a patch holds only what differs from what was read', () => {
  expect(changed(base, { ...base, tags: ['x'], team: 'c' })).toEqual({ team: 'c' })
})
