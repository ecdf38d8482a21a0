import { describe, expect, it } from 'vitest'
import type { Evidence } from '@/api/why'
import { carriersOf, listed, permissionIn, stepsOf, unreadReasons, verdictOf } from '@/lib/story'

const self = 'resource:arn:aws:s3:::invoices'
const claim = (change: Partial<Evidence> = {}): Evidence => ({
  rule: 'tag',
  field: 'tag Team',
  raw: 'Payments',
  team: 'payments',
  won: false,
  source: 'aws',
  read_at: '2026-01-01T00:00:00Z',
  found_on: self,
  ...change,
})
const unread = claim({
  field: 'not read',
  raw: 'no right s3:GetBucketTagging; denied',
  team: null,
  source: '',
  read_at: null,
})

describe('steps', () => {
  const outcomes = (evidence: Evidence[], state: Parameters<typeof stepsOf>[1]) =>
    stepsOf(evidence, state).map(({ outcome }) => outcome)

  it('tells the winner from those who say the same and those who are outranked', () => {
    const evidence = [
      claim({ won: true }),
      claim({ rule: 'inherited', raw: 'pay' }),
      claim({ rule: 'used-by', raw: 'service:a/b', team: 'orders' }),
    ]
    expect(outcomes(evidence, 'owned')).toEqual(['won', 'agrees', 'outranked'])
    expect(stepsOf(evidence, 'owned')[2]?.told).toContain('“tag” is stronger')
  })

  it('shows both sides of a conflict, and what is weaker as outranked', () => {
    const evidence = [claim(), claim({ raw: 'Orders', team: 'orders' }), claim({ rule: 'inherited' })]
    expect(outcomes(evidence, 'conflict')).toEqual(['contradicts', 'contradicts', 'outranked'])
  })

  it('shows a claim of an unknown team as the one that spoke', () => {
    expect(outcomes([claim({ won: true, raw: 'Legacy CRM', team: null })], 'unregistered')).toEqual([
      'unregistered',
    ])
  })

  it('does not let anything decide behind what could not be read', () => {
    expect(outcomes([unread, claim({ rule: 'used-by', raw: 'service:a/b' })], 'unknown')).toEqual([
      'unread',
      'held',
    ])
  })

  it('says that users are divided where they belong to several teams', () => {
    const use = (raw: string, team: string) => claim({ rule: 'used-by', field: 'used by', raw, team })
    expect(outcomes([use('service:a/b', 'a'), use('service:c/d', 'c')], 'unowned')).toEqual([
      'divided',
      'divided',
    ])
  })
})

describe('verdict', () => {
  const told = (state: Parameters<typeof stepsOf>[1], team: string | null, evidence: Evidence[]) =>
    verdictOf({ state, team, evidence }, self)

  it('quotes the winner literally', () => {
    expect(told('owned', 'payments', [claim({ won: true, raw: 'Payments Squad' })])).toBe(
      'Its tag Team says “Payments Squad”, which stands for payments.',
    )
  })

  it('names what carries the claim where it is something else', () => {
    const on_stack = claim({
      won: true,
      rule: 'inherited',
      found_on: 'resource:arn:aws:cloudformation:eu-west-1:1:stack/core/1',
    })
    expect(told('owned', 'payments', [on_stack])).toMatch(/^The tag Team of core\/1 says “Payments”/)
  })

  it('says of an orphan that it was read whole', () => {
    expect(told('unowned', null, [])).toContain('read whole')
  })

  it('never calls what could not be read an orphan', () => {
    expect(told('unknown', null, [unread])).toContain('not the same as having no owner')
    expect(told('unknown', 'payments', [unread])).toContain('payments is the last owner')
  })

  it('names both teams of a conflict, and nobody else', () => {
    const evidence = [claim(), claim({ raw: 'Orders', team: null }), claim({ rule: 'inherited', team: 'x' })]
    expect(told('conflict', null, evidence)).toContain('payments and Orders')
    expect(told('conflict', null, evidence)).not.toContain('x.')
  })
})

it('finds the missing permission in what a source says', () => {
  expect(unreadReasons([unread, unread, claim()])).toEqual(['no right s3:GetBucketTagging; denied'])
  expect(permissionIn('no right s3:GetBucketTagging; a bucket policy denies it')).toBe('s3:GetBucketTagging')
  expect(permissionIn('AccessDeniedException: not allowed')).toBeNull()
})

it('lists words as people do', () => {
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ])
})

describe('carriers', () => {
  it('are one where one thing is in several places', () => {
    const refs = ['dev', 'prod'].map((cluster) => `workload:k8s/${cluster}/shop/deployment/api`)
    expect(carriersOf([...refs, 'namespace dev/shop'], self)).toMatchObject([
      { name: 'api', places: ['dev', 'prod'] },
      { name: 'namespace shop', places: ['dev'] },
    ])
  })

  it('are not the thing itself', () => {
    expect(carriersOf([self], self)).toEqual([])
  })
})
