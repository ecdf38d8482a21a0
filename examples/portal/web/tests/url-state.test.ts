import { expect, test } from 'vitest'
import { asked, toggled, without, withValues } from '@/lib/url-state'

const view = (query: string) => new URLSearchParams(query)

test('a value that is toggled twice leaves the address as it was', () => {
  const start = view('team=payments&q=api')
  expect(toggled(toggled(start, 'team', 'basket'), 'team', 'basket').toString()).toBe('q=api&team=payments')
})

test('one view has one address, in whatever order it was chosen', () => {
  const one = toggled(toggled(view(''), 'team', 'b'), 'team', 'a')
  const other = toggled(toggled(view(''), 'team', 'a'), 'team', 'b')
  expect(one.toString()).toBe(other.toString())
})

test('values with signs of the address in them come back as they were', () => {
  const value = 'a&b=c d/ü%'
  expect(view(toggled(view(''), 'tag', value).toString()).getAll('tag')).toEqual([value])
})

test('an empty value takes the name out', () => {
  expect(withValues(view('q=x'), 'q', ['']).toString()).toBe('')
})

test('clearing filters keeps the sort order', () => {
  expect(without(view('team=a&status=down&sort=-name'), ['team', 'status']).toString()).toBe('sort=-name')
})

test('the API is asked with known names only, and with each value once', () => {
  expect(asked(view('team=b&team=a&team=b&as=table&q='), ['team', 'type'], ['q'])).toEqual({
    team: ['a', 'b'],
  })
})
