/**
 * Every page of the portal. A page is a folder in src/pages whose index.tsx has a default export; it is a chunk of its
 * own, loaded when somebody goes there (or points at its link). What it asks first can be asked while that is on its way.
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
import type { ComponentType } from 'react'
import { facetsQuery } from '@/api/facets'
import { queryClient } from '@/api/query'
import { resourcesOf } from '@/api/resources'
import { servicesOf } from '@/api/services'
import { sourcesQuery } from '@/api/sources'
import type { View } from '@/lib/url-state'

export interface Route {
  path: string
  load: () => Promise<ComponentType>
  /** Null until it is loaded. */
  page: () => ComponentType | null
  /** Asks what the page will ask, with the same options: it finds the answers there, or under way. */
  ask?: (view: View) => void
  /** Its place in the navigation, for pages that have one. */
  nav?: { label: string; icon: LucideIcon; group: 'Catalog' | 'Care' }
}

function route(
  path: string,
  importPage: () => Promise<{ default: ComponentType }>,
  more: Pick<Route, 'nav' | 'ask'> = {},
): Route {
  let page: ComponentType | null = null
  const load = async () => {
    page ??= (await importPage()).default
    return page
  }
  return { path, load, page: () => page, ...more }
}

export const routes: readonly Route[] = [
  route('/', () => import('@/pages/overview'), {
    nav: { label: 'Overview', icon: LayoutDashboard, group: 'Catalog' },
    ask: () => {
      void queryClient.prefetchQuery(facetsQuery('resources', {}))
      void queryClient.prefetchQuery(facetsQuery('services', {}))
      void queryClient.prefetchQuery(sourcesQuery)
    },
  }),
  route('/services', () => import('@/pages/services'), {
    nav: { label: 'Services', icon: Boxes, group: 'Catalog' },
    ask: (view) => {
      const { list, counts } = servicesOf(view)
      void queryClient.prefetchInfiniteQuery(list)
      void queryClient.prefetchQuery(counts)
    },
  }),
  route('/services/:namespace/:name', () => import('@/pages/service')),
  route('/resources', () => import('@/pages/resources'), {
    nav: { label: 'Resources', icon: Database, group: 'Catalog' },
    ask: (view) => {
      const { list, counts } = resourcesOf(view)
      void queryClient.prefetchInfiniteQuery(list)
      void queryClient.prefetchQuery(counts)
    },
  }),
  route('/resources/*', () => import('@/pages/resource')),
  route('/teams', () => import('@/pages/teams'), { nav: { label: 'Teams', icon: Users, group: 'Catalog' } }),
  route('/teams/*', () => import('@/pages/team')),
  route('/products', () => import('@/pages/products'), {
    nav: { label: 'Products', icon: Package, group: 'Catalog' },
  }),
  route('/products/*', () => import('@/pages/products')),
  route('/graph', () => import('@/pages/graph'), {
    nav: { label: 'Graph', icon: Waypoints, group: 'Catalog' },
  }),
  route('/orphans', () => import('@/pages/orphans'), {
    nav: { label: 'Orphans', icon: Tags, group: 'Care' },
  }),
  route('/findings', () => import('@/pages/findings'), {
    nav: { label: 'Findings', icon: ClipboardList, group: 'Care' },
  }),
  route('/changes', () => import('@/pages/changes'), {
    nav: { label: 'Changes', icon: GitCompareArrows, group: 'Care' },
  }),
  route('/sources', () => import('@/pages/sources'), {
    nav: { label: 'Sources', icon: Radar, group: 'Care' },
  }),
]
