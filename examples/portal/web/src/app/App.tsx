import { QueryClientProvider } from '@tanstack/react-query'
import { useLayoutEffect, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { note, useConnection } from '@/api/connection'
import { queryClient } from '@/api/query'
import { Toaster } from '@/components/ui/sonner'
import NotFound from '@/pages/not-found'
import { Boundary } from './Boundary'
import { KeyDialog, KeyGate } from './KeyGate'
import { type Route as PageRoute, routes } from './routes'
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
      <Switch>
        {routes.map((route) => (
          <Route key={route.path} path={route.path}>
            <Loaded route={route} />
          </Route>
        ))}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Boundary>
  )
}

/**
 * A page, when its chunk is there. Not React's `lazy`: once that has shown that it waits, it shows nothing else for 300 ms,
 * although the chunk is there after a tenth of them.
 */
function Loaded({ route }: { route: PageRoute }) {
  const [Page, show] = useState(route.page)
  const [error, fail] = useState<unknown>(null)
  const down = useConnection().down_since !== null
  // Where the portal is gone it is tried again when it is back; the banner says so meanwhile.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `down` is what it waits for
  useLayoutEffect(() => {
    if (Page) return
    route.load().then(
      (page) => show(() => page),
      async (error: unknown) => ((await answers()) ? fail(error) : note({ down_since: Date.now() })),
    )
    route.ask?.(new URLSearchParams(location.search))
  }, [route, Page, down])
  if (error) throw error
  // Empty for the moment that it takes: a spinner would flash.
  return Page ? <Page /> : <div className="min-h-dvh" />
}

/** Whether the chunk is what is missing, and not the whole portal. */
const answers = () =>
  fetch('/healthz', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )
