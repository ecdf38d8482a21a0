import { BookOpen, ChartLine, FolderGit2, Link2 } from 'lucide-react'
import type { Service } from '@/api/services'
import { safeUrl } from '@/lib/safe-url'

/** Every link of a service that may be followed, in one order. */
export function linksOf(service: Service) {
  const links = [
    { title: 'Documentation', url: service.docs_url, icon: BookOpen },
    { title: 'Repository', url: service.github_url, icon: FolderGit2 },
    { title: 'Dashboard', url: service.dashboard_url, icon: ChartLine },
    ...service.links.map((link) => ({ ...link, icon: Link2 })),
  ]
  return links.flatMap(({ url, ...link }) => {
    const safe = safeUrl(url)
    return safe ? [{ ...link, url: safe }] : []
  })
}

/** The links as a row of icons, for cards. */
export function ServiceLinkIcons({ service }: { service: Service }) {
  const links = linksOf(service)
  if (links.length === 0) return null
  return (
    <ul aria-label="Links" className="flex gap-0.5">
      {links.slice(0, 5).map(({ title, url, icon: Icon }) => (
        <li key={`${title} ${url}`}>
          <a
            href={url}
            target="_blank"
            rel="noreferrer noopener"
            title={`${title}: ${url}`}
            className="inline-flex size-7 items-center justify-center rounded-md text-muted-foreground hover:bg-muted hover:text-foreground"
          >
            <Icon aria-hidden className="size-4" />
            <span className="sr-only">
              {title} of {service.name} (opens in a new tab)
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}
