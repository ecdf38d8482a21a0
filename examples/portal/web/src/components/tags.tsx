import { cn } from '@/lib/cn'
import { Badge } from './ui/badge'

/** `app.kubernetes.io/part-of=Checkout` reads `part-of=Checkout`; whole, it is the title. */
function short(tag: string) {
  const equals = tag.indexOf('=')
  const key = equals < 0 ? tag : tag.slice(0, equals)
  return tag.slice(key.lastIndexOf('/') + 1)
}

/** Tags as they are written: hostile text stays text. `limit` for cards, where the rest is counted. */
export function Tags({
  tags,
  limit = tags.length,
  one_line = false,
}: {
  tags: readonly string[]
  limit?: number
  one_line?: boolean
}) {
  const rest = tags.length - limit
  return (
    <ul aria-label="Tags" className={cn('flex min-w-0 gap-1', !one_line && 'flex-wrap')}>
      {tags.slice(0, limit).map((tag) => (
        <li key={tag} className="flex max-w-full min-w-0">
          <Badge tone="outline" title={tag} className="font-normal">
            <span className="truncate">{short(tag)}</span>
          </Badge>
        </li>
      ))}
      {rest > 0 && (
        <li>
          <Badge tone="outline" className="font-normal" title={tags.slice(limit).join('\n')}>
            +{rest}
          </Badge>
        </li>
      )}
    </ul>
  )
}
