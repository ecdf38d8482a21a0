import { expect, test } from 'vitest'
import { editOf, newOf, no_fields, problemsOf, tagsOf } from '@/components/service/service-fields'

test('a service needs a name, and nothing else', () => {
  expect(problemsOf({ ...no_fields, name: '  ' })).toHaveProperty('name')
  expect(problemsOf({ ...no_fields, name: 'orders-api' })).toEqual({})
})

test('a javascript link is refused in the form', () => {
  expect(problemsOf({ ...no_fields, name: 'x', docs_url: 'javascript:alert(1)' })).toHaveProperty('docs_url')
})

test('an emptied field takes back what was said', () => {
  expect(editOf({ description: ' ', team: 'payments' })).toEqual({ description: null, team: 'payments' })
})

test('a new service sends only what was filled in', () => {
  expect(newOf({ ...no_fields, name: ' orders-api ', tags: 'critical' })).toEqual({
    name: 'orders-api',
    tags: ['critical'],
  })
})

test('tags are split at commas and lines, each once', () => {
  expect(tagsOf('critical, tier=1,\ncritical,')).toEqual(['critical', 'tier=1'])
})
