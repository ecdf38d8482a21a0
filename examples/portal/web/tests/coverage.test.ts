import { expect, test } from 'vitest'
import type { SourceKind, SourceScope } from '@/api/sources'
import { gapsOf, grantOf, placeOf, sumsOf } from '@/lib/coverage'

const kind = (more: Partial<SourceKind>): SourceKind => ({
  coverage: 'complete',
  items: 3,
  reason: null,
  permission: null,
  good_at: '2026-03-01T00:00:00Z',
  unread: [],
  set_aside: [],
  held: false,
  ...more,
})
const scope = (account: string, kinds: Record<string, SourceKind>): SourceScope =>
  ({
    source: 'aws',
    scope: { account, region: 'eu-west-1' },
    run: 1,
    read_at: '2026-03-02T00:00:00Z',
    kinds,
  }) as unknown as SourceScope

test('one missing right in many accounts is one thing to mend', () => {
  const denied = kind({ coverage: 'denied', permission: 'lambda:ListFunctions', reason: 'no right' })
  const gaps = gapsOf([scope('1', { s3: kind({}), lambda: denied }), scope('2', { lambda: denied })])
  expect(gaps).toHaveLength(1)
  expect(gaps[0]).toMatchObject({ kind: 'lambda', reasons: ['no right'], good_at: '2026-03-01T00:00:00Z' })
  expect(gaps[0]?.places.map(({ group }) => group)).toEqual(['1', '2'])
})

test('what was never read well anywhere has no last good read', () => {
  const denied = (good_at: string | null) => kind({ coverage: 'denied', permission: 'x:List', good_at })
  expect(
    gapsOf([scope('1', { s3: denied('2026-01-01T00:00:00Z') }), scope('2', { s3: denied(null) })])[0]
      ?.good_at,
  ).toBeNull()
})

test('what cannot exist there is no gap', () => {
  const scopes = [
    scope('1', { s3: kind({ coverage: 'absent', items: 0 }), rds: kind({ coverage: 'partial' }) }),
  ]
  expect(gapsOf(scopes).map(({ kind }) => kind)).toEqual(['rds'])
  expect(sumsOf(scopes)).toMatchObject([{ source: 'aws', parts: 2, whole: 1, items: 3 }])
})

test('a whole list with holes in it is a gap, and not whole', () => {
  const scopes = [scope('1', { s3: kind({ unread: ['bucket legal-hold: no right'] }), rds: kind({}) })]
  expect(gapsOf(scopes)).toMatchObject([
    { kind: 's3', coverage: 'complete', unread: ['bucket legal-hold: no right'] },
  ])
  expect(sumsOf(scopes)).toMatchObject([{ parts: 2, whole: 1 }])
})

test('every kind of scope has a place', () => {
  expect(placeOf({ cluster: 'prod', namespace: 'payments', account: '1' })).toEqual({
    group: 'prod',
    part: 'payments',
  })
  expect(placeOf({ account: '000000000001', region: 'eu-west-1' }).group).toBe('000000000001')
  expect(placeOf({ domain: 'corp.example' })).toEqual({ group: 'corp.example', part: '' })
  expect(placeOf({ path: ['a', 'b', 'c'] })).toEqual({ group: 'a', part: 'b / c' })
  expect(placeOf(null)).toEqual({ group: '', part: '' })
})

test('a missing right comes with the words that grant it', () => {
  expect(JSON.parse(grantOf('lambda:ListFunctions')?.text ?? '')).toEqual({
    Effect: 'Allow',
    Action: 'lambda:ListFunctions',
    Resource: '*',
  })
  expect(grantOf('deployments.apps:list')?.text).toBe(
    '- apiGroups: ["apps"]\n  resources: ["deployments"]\n  verbs: ["list"]',
  )
  expect(grantOf('services:list')?.text).toContain('apiGroups: [""]')
  expect(grantOf('read access to OU=Groups')).toBeNull()
})
