/** Which reads had trouble where a resource lives. */
import type { SourceScope } from '@/api/sources'

export interface Trouble {
  source: string
  kind: string
  coverage: string
  reason: string | null
  permission: string | null
}

/** What is read under which kind; everything else shows up in the list of tagged things only. */
const kinds: Record<string, readonly string[]> = {
  bucket: ['s3'],
  database: ['rds'],
  'database-cluster': ['rds'],
  table: ['dynamodb'],
  function: ['lambda'],
  stack: ['cloudformation'],
}

interface Placed {
  type: string
  account: string | null
  region: string | null
}

/** Every kind that could not be read whole in the account and region of the resource, and that could show it. */
export function troubleAt(scopes: readonly SourceScope[], { type, account, region }: Placed): Trouble[] {
  if (!account) return []
  const wanted = kinds[type] ?? ['tagged']
  return scopes.flatMap(({ source, scope, kinds }) => {
    const at = scope as { account?: unknown; region?: unknown; cluster?: unknown }
    // Buckets are listed once for each account, from any region.
    const here =
      at.account === account && (at.region === region || type === 'bucket') && at.cluster === undefined
    if (!here) return []
    return Object.entries(kinds).flatMap(([kind, { coverage, reason, permission, unread }]) => {
      const whole = (coverage === 'complete' || coverage === 'absent') && unread.length === 0
      if (whole || !(wanted.includes(kind) || kind === 'tagged')) return []
      return [{ source, kind, coverage, reason: reason ?? unread[0] ?? null, permission }]
    })
  })
}
