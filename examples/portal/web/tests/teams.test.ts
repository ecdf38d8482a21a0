import { describe, expect, it } from 'vitest'
import { tagCoverage } from '@/lib/tag-coverage'
import { childrenOf, teamsFound } from '@/lib/teams'
import { troubleAt } from '@/lib/trouble'

const team = (name: string, more = {}) => ({
  name,
  display_name: name,
  aliases: [] as string[],
  product: null as string | null,
  parents: [] as string[],
  ...more,
})
const teams = [
  team('payments', { aliases: ['pay'], product: 'checkout' }),
  team('data-platform', { display_name: 'Data Platform' }),
  team('platform', { parents: ['data-platform'] }),
]
const names = (found: { name: string }[]) => found.map(({ name }) => name)

describe('teams', () => {
  it('are found by alias and product, and those that begin so come first', () => {
    expect(names(teamsFound(teams, 'pay'))).toEqual(['payments'])
    expect(names(teamsFound(teams, 'checkout'))).toEqual(['payments'])
    expect(names(teamsFound(teams, 'plat'))).toEqual(['platform', 'data-platform'])
    expect(names(teamsFound(teams, 'data plat'))).toEqual(['data-platform'])
    expect(teamsFound(teams, '')).toHaveLength(3)
    expect(teamsFound(teams, 'nobody')).toEqual([])
  })

  it('know their children', () => {
    expect(names(childrenOf(teams, 'data-platform'))).toEqual(['platform'])
    expect(childrenOf(teams, 'payments')).toEqual([])
  })
})

describe('tag coverage', () => {
  it('counts a key once whatever its case, under its usual spelling, and no empty value', () => {
    const coverage = tagCoverage([
      { rule: 'tag', tags: { Team: 'a', env: 'x' } },
      { rule: 'tag', tags: { Team: 'b' } },
      { rule: 'inherited', tags: { team: 'b', env: ' ' } },
      { rule: null, tags: {} },
    ])
    expect(coverage.rules).toEqual([
      { name: 'tag', count: 2 },
      { name: 'inherited', count: 1 },
    ])
    expect(coverage.keys).toEqual([
      { name: 'Team', count: 3 },
      { name: 'env', count: 1 },
    ])
    expect([coverage.total, coverage.untagged]).toEqual([4, 1])
  })
})

describe('trouble', () => {
  const kind = (coverage: 'complete' | 'denied' | 'partial', more = {}) => ({
    coverage,
    items: 0,
    reason: null,
    permission: null,
    good_at: null,
    unread: [],
    set_aside: [],
    held: false,
    ...more,
  })
  const scope = (account: string, region: string, kinds: Record<string, ReturnType<typeof kind>>) => ({
    source: 'aws',
    scope: { account, region } as unknown as Record<string, never>,
    run: 1,
    read_at: '2026-01-01T00:00:00Z',
    kinds,
  })
  const table = { name: 'orders', type: 'table', account: '1', region: 'eu' }

  it('is what could show the thing and was not read whole where it lives', () => {
    const scopes = [
      scope('1', 'eu', {
        dynamodb: kind('denied', { permission: 'dynamodb:ListTables' }),
        s3: kind('denied'),
      }),
      scope('1', 'us', { dynamodb: kind('denied') }),
      scope('2', 'eu', { dynamodb: kind('denied') }),
    ]
    expect(troubleAt(scopes, table).map(({ kind, permission }) => [kind, permission])).toEqual([
      ['dynamodb', 'dynamodb:ListTables'],
    ])
  })

  it('holds single things that could not be read, and nothing where all is well', () => {
    const one = scope('1', 'us', { s3: kind('complete', { unread: ['bucket x: denied'] }) })
    const bucket = { name: 'x', type: 'bucket', account: '1', region: 'eu' }
    expect(troubleAt([one], bucket)[0]?.reason).toBe('bucket x: denied')
    expect(troubleAt([one], { ...bucket, name: 'other' })).toEqual([])
    expect(troubleAt([scope('1', 'eu', { dynamodb: kind('complete') })], table)).toEqual([])
    expect(troubleAt([one], { ...table, account: null })).toEqual([])
  })
})
