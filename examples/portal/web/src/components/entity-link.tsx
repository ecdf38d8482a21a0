import { Boxes, Cloud, Database, type LucideIcon, Package, Server, Users, Workflow } from 'lucide-react'
import { Link } from 'wouter'
import { cn } from '@/lib/cn'
import { parsed, pathOf, shortName } from '@/lib/refs'

const icons: Record<string, LucideIcon> = {
  service: Boxes,
  resource: Database,
  team: Users,
  product: Package,
  environment: Cloud,
  workload: Server,
}

export const iconOf = (type: string): LucideIcon => icons[type] ?? Workflow

/** Anything that has a ref: its icon and name, linked to its page. */
export function EntityLink({
  entity,
  name,
  icon = true,
  className,
}: {
  entity: string
  name?: string
  icon?: boolean
  className?: string
}) {
  const { type } = parsed(entity)
  const Icon = iconOf(type)
  const path = pathOf(entity)
  const inside = (
    <>
      {icon && <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />}
      <span className="truncate">{name ?? shortName(entity)}</span>
    </>
  )
  const style = cn('inline-flex max-w-full min-w-0 items-center align-bottom gap-1.5 font-medium', className)
  if (!path)
    return (
      <span className={style} title={entity}>
        {inside}
      </span>
    )
  return (
    <Link href={path} className={cn('link', style)} title={entity}>
      {inside}
    </Link>
  )
}
