/**
 * Every page of the portal. A page is a folder in src/pages whose index.tsx has a default export; it is a chunk of its
 * own, loaded when somebody goes there (or points at its link).
 */
import {
  Boxes,
  ClipboardList,
  Database,
  GitCompareArrows,
  LayoutDashboard,
  type LucideIcon,
  Package,
  Radar,
  Tags,
  Users,
  Waypoints,
} from 'lucide-react'
import { type ComponentType, lazy } from 'react'

interface Route {
  path: string
  page: ComponentType
  load: () => Promise<unknown>
  /** Its place in the navigation, for pages that have one. */
  nav?: { label: string; icon: LucideIcon; group: 'Catalog' | 'Care' }
}

function route(path: string, load: () => Promise<{ default: ComponentType }>, nav?: Route['nav']): Route {
  return { path, load, page: lazy(load), ...(nav && { nav }) }
}

export const routes: readonly Route[] = [
  route('/', () => import('@/pages/overview'), {
    label: 'Overview',
    icon: LayoutDashboard,
    group: 'Catalog',
  }),
  route('/services', () => import('@/pages/services'), { label: 'Services', icon: Boxes, group: 'Catalog' }),
  route('/services/:namespace/:name', () => import('@/pages/service')),
  route('/resources', () => import('@/pages/resources'), {
    label: 'Resources',
    icon: Database,
    group: 'Catalog',
  }),
  route('/resources/*', () => import('@/pages/resource')),
  route('/teams', () => import('@/pages/teams'), { label: 'Teams', icon: Users, group: 'Catalog' }),
  route('/teams/*', () => import('@/pages/team')),
  route('/products', () => import('@/pages/products'), {
    label: 'Products',
    icon: Package,
    group: 'Catalog',
  }),
  route('/products/*', () => import('@/pages/products')),
  route('/graph', () => import('@/pages/graph'), { label: 'Graph', icon: Waypoints, group: 'Catalog' }),
  route('/orphans', () => import('@/pages/orphans'), { label: 'Orphans', icon: Tags, group: 'Care' }),
  route('/findings', () => import('@/pages/findings'), {
    label: 'Findings',
    icon: ClipboardList,
    group: 'Care',
  }),
  route('/changes', () => import('@/pages/changes'), {
    label: 'Changes',
    icon: GitCompareArrows,
    group: 'Care',
  }),
  route('/sources', () => import('@/pages/sources'), { label: 'Sources', icon: Radar, group: 'Care' }),
]
