/** Which reads had trouble where a resource lives. */
import type { SourceScope } from '@/api/sources'

export interface Trouble {
  source: string
  kind: string
  /** How much was read, in a word. */
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
  name: string
  type: string
  account: string | null
  region: string | null
}

/** Every kind that could not be read whole in the account and region of the resource, and that could show it. */
export function troubleAt(
  scopes: readonly SourceScope[],
  { name, type, account, region }: Placed,
): Trouble[] {
  if (!account) return []
  const wanted = kinds[type] ?? ['tagged']
  return scopes.flatMap(({ source, scope, kinds }) => {
    const at = scope as { account?: unknown; region?: unknown; cluster?: unknown }
    // Buckets are listed once for each account, from any region.
    const here =
      at.account === account && (at.region === region || type === 'bucket') && at.cluster === undefined
    if (!here) return []
    return Object.entries(kinds).flatMap(([kind, { coverage, reason, permission, unread }]): Trouble[] => {
      if (!wanted.includes(kind) && kind !== 'tagged') return []
      // The rest of the kind may have been read well: `bucket invoices: no right s3:GetBucketTagging`.
      const about = unread.find((one) => one.includes(name))
      if (about) return [{ source, kind, coverage: 'not read', reason: about, permission }]
      if (coverage === 'complete' || coverage === 'absent') return []
      return [{ source, kind, coverage, reason, permission }]
    })
  })
}
