import { ArrowUpRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { safeUrl } from '@/lib/safe-url'

/** A link out of the portal; where the address is none that may be followed, its words alone. */
export function ExternalLink({
  href,
  children,
  className,
}: {
  href: string | null | undefined
  children: ReactNode
  className?: string
}) {
  const url = safeUrl(href)
  if (!url)
    return (
      <span className={className} title={href ? `Not a web address: ${href}` : undefined}>
        {children}
      </span>
    )
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer noopener"
      title={url}
      className={cn('link inline-flex items-center gap-1', className)}
    >
      {children}
      <ArrowUpRight aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <span className="sr-only">(opens in a new tab)</span>
    </a>
  )
}
