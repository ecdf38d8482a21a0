import { describe, expect, it } from 'vitest'
import { byStage, matrixOf } from '@/lib/matrix'

const counts = {
  services: {
    total: 3,
    by_environment: [
      { value: 'dev', count: 3 },
      { value: 'prod', count: 2 },
    ],
  },
  types: [
    { value: 'bucket', count: 5 },
    { value: 'table', count: 1 },
  ],
  types_in: {
    prod: [{ value: 'bucket', count: 3 }],
    dev: [
      { value: 'bucket', count: 1 },
      { value: 'table', count: 1 },
    ],
    empty: [],
  },
}

describe('matrix', () => {
  it('has a column for each environment with something in it, production first', () => {
    expect(matrixOf(counts).environments).toEqual(['prod', 'dev'])
  })

  it('has services first, and then each type', () => {
    const { rows } = matrixOf(counts)
    expect(rows.map(({ type, counts, total }) => [type, counts, total])).toEqual([
      [null, [2, 3], 3],
      ['bucket', [3, 1], 5],
      ['table', [0, 1], 1],
    ])
  })

  it('shows what is in no environment, and only of resources: a service stands in several', () => {
    const { rows, has_elsewhere } = matrixOf(counts)
    expect(rows.map(({ elsewhere }) => elsewhere)).toEqual([0, 1, 0])
    expect(has_elsewhere).toBe(true)
  })

  it('is empty for whoever owns nothing', () => {
    expect(matrixOf({ services: { total: 0, by_environment: [] }, types: [], types_in: {} })).toEqual({
      environments: [],
      rows: [],
      has_elsewhere: false,
    })
  })

  it('sorts what people call environments from production down', () => {
    const names = ['dev', 'tools', 'staging', 'prod-eu', 'preprod', 'test', 'prod-2', 'nonprod', 'prod-10']
    expect(names.sort(byStage)).toEqual([
      'prod-2',
      'prod-10',
      'prod-eu',
      'nonprod',
      'preprod',
      'staging',
      'test',
      'dev',
      'tools',
    ])
  })
})
