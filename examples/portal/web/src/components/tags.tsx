import { Badge } from './ui/badge'

/** Tags as they are written: hostile text stays text. `limit` for cards, where the rest is counted. */
export function Tags({ tags, limit = tags.length }: { tags: readonly string[]; limit?: number }) {
  const rest = tags.length - limit
  return (
    <ul aria-label="Tags" className="flex min-w-0 flex-wrap gap-1">
      {tags.slice(0, limit).map((tag) => (
        <li key={tag} className="flex max-w-full min-w-0">
          <Badge tone="outline" title={tag} className="font-normal">
            <span className="truncate">{tag}</span>
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
