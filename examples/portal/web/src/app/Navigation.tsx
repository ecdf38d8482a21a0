import { Link, useLocation } from 'wouter'
import { cn } from '@/lib/cn'
import { routes } from './routes'

export function Brand() {
  return (
    <Link
      href="/"
      className="inline-flex items-center gap-2 rounded-md text-base font-semibold tracking-tight"
    >
      <img src="/favicon.svg" alt="" className="size-6" />
      Portal
    </Link>
  )
}

const groups = ['Catalog', 'Care'] as const

export function Navigation({ className }: { className?: string }) {
  const [path] = useLocation()
  return (
    <div className={className}>
      {groups.map((group) => (
        <div key={group} className="mb-5">
          <p id={`nav-${group}`} className="px-2.5 pb-1 text-xs text-muted-foreground">
            {group}
          </p>
          <ul aria-labelledby={`nav-${group}`} className="flex flex-col gap-px">
            {routes.map(({ path: to, nav, load }) => {
              if (nav?.group !== group) return null
              const here = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)
              return (
                <li key={to}>
                  <Link
                    href={to}
                    aria-current={here ? 'page' : undefined}
                    // Whoever goes there hears why it cannot be loaded.
                    onPointerEnter={() => void load().catch(() => null)}
                    className={cn(
                      'flex h-9 items-center gap-2.5 rounded-md px-2.5 font-medium text-muted-foreground hover:bg-muted hover:text-foreground lg:h-8',
                      here && 'bg-accent text-accent-foreground hover:bg-accent hover:text-accent-foreground',
                    )}
                  >
                    <nav.icon aria-hidden className="size-4 shrink-0" />
                    {nav.label}
                  </Link>
                </li>
              )
            })}
          </ul>
        </div>
      ))}
    </div>
  )
}
