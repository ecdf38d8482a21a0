/** Refs (`service:payments/orders-api`) and the pages that show what they name. */
export interface Named {
  type: string
  local: string
}

export function parsed(ref: string): Named {
  const colon = ref.indexOf(':')
  return colon < 0 ? { type: '', local: ref } : { type: ref.slice(0, colon), local: ref.slice(colon + 1) }
}

/** What people call it, where nothing but the ref is known. */
export function shortName(ref: string): string {
  const { type, local } = parsed(ref)
  if (type === 'service') return local.slice(local.indexOf('/') + 1)
  if (!local.startsWith('arn:')) return local.slice(local.lastIndexOf('/') + 1)
  const resource = local.split(':').slice(5).join(':')
  // A stack's own id stands behind its name.
  const stack = /^stack\/([^/]+)\/[0-9a-f-]{36}$/.exec(resource)?.[1]
  if (stack) return stack
  return resource.slice(Math.max(resource.indexOf('/'), resource.indexOf(':')) + 1)
}

/** What tells it from others of its name: account and region, namespace, cluster. Empty where nothing does. */
export function whereOf(ref: string): string {
  const { type, local } = parsed(ref)
  if (type === 'service') return local.slice(0, Math.max(0, local.indexOf('/')))
  if (type === 'workload' && local.startsWith('k8s/')) return local.split('/').slice(1, 3).join(' ')
  if (!local.startsWith('arn:')) return ''
  const [, , , region = '', account = ''] = local.split(':')
  return [account, region].filter(Boolean).join(' ')
}

/** The page of a ref; null for what has none. */
export function pathOf(ref: string): string | null {
  const { type, local } = parsed(ref)
  const encoded = encodeURIComponent(local)
  switch (type) {
    case 'service':
      return `/services/${local.split('/').map(encodeURIComponent).join('/')}`
    case 'team':
      return `/teams/${encoded}`
    case 'resource':
      return `/resources/${encoded}`
    case 'product':
      return `/products/${encoded}`
    case 'environment':
      return `/resources?account=${encoded}`
    default:
      return null
  }
}

/**
 * The part of the address behind `prefix`, decoded once. Routers decode on their own, and an id that holds a `%` would
 * be decoded twice.
 */
export function localOf(pathname: string, prefix: string): string {
  try {
    return decodeURIComponent(pathname.slice(prefix.length))
  } catch {
    return pathname.slice(prefix.length)
  }
}

/** Where something is, as far as its ref says: an account id, or a cluster. Things of one name differ in that. */
export function placeIn(ref: string): { account: string } | { cluster: string } | null {
  const { type, local } = parsed(ref)
  if (type === 'workload' && local.startsWith('k8s/')) return { cluster: local.split('/')[1] ?? '' }
  const account = local.startsWith('arn:') ? local.split(':')[4] : undefined
  return account ? { account } : null
}
