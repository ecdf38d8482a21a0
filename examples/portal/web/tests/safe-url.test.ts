import { expect, test } from 'vitest'
import { safeUrl, urlProblem } from '@/lib/safe-url'

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  '//host',
  '/path',
  'host',
])('%s is never followed', (text) => {
  expect(safeUrl(text)).toBeNull()
  expect(urlProblem(text)).not.toBeNull()
})

test('web addresses are followed', () => {
  expect(safeUrl('https://docs.example/a?b=c')).toBe('https://docs.example/a?b=c')
  expect(urlProblem('http://127.0.0.1:8080/healthz')).toBeNull()
})

test('an empty field is no problem', () => {
  expect(urlProblem('  ')).toBeNull()
})
