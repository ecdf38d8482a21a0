import { QueryClientProvider } from '@tanstack/react-query'
import { Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { useConnection } from '@/api/connection'
import { queryClient } from '@/api/query'
import { Toaster } from '@/components/ui/sonner'
import NotFound from '@/pages/not-found'
import { Boundary } from './Boundary'
import { KeyDialog, KeyGate } from './KeyGate'
import { routes } from './routes'
import { Shell } from './Shell'
import { useScrollToTop } from './scroll'

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Shell>
        <Pages />
      </Shell>
      <Toaster />
    </QueryClientProvider>
  )
}

function Pages() {
  const [path] = useLocation()
  const { needs_key, answered } = useConnection()
  useScrollToTop(path)
  if (needs_key && !answered) return <KeyGate />
  return (
    <Boundary key={path}>
      {needs_key && <KeyDialog />}
      {/* Empty for the moment that a page's own chunk takes: a spinner would flash. */}
      <Suspense fallback={<div className="min-h-dvh" />}>
        <Switch>
          {routes.map(({ path, page: Page }) => (
            <Route key={path} path={path}>
              <Page />
            </Route>
          ))}
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  )
}
