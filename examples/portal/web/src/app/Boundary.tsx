import { Component, type ReactNode } from 'react'
import { Button } from '@/components/ui/button'

/** A page that breaks takes nothing with it: the navigation stays. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    // A page's chunk that is no longer there: the portal was updated since this window was opened.
    const outdated = /dynamically imported module|Importing a module script/.test(String(this.state.error))
    return (
      <div role="alert" className="mx-auto flex max-w-lg flex-col items-start gap-3 px-6 py-24">
        <h1 className="text-title font-semibold">
          {outdated ? 'The portal was updated' : 'This page ran into an error'}
        </h1>
        <p className="text-muted-foreground">
          {outdated
            ? 'Load it again to get the new version.'
            : 'Nothing was changed. Loading it again often helps; if it does not, this text helps whoever mends it:'}
        </p>
        {!outdated && (
          <code className="rounded bg-muted px-2 py-1 font-mono text-xs">{String(this.state.error)}</code>
        )}
        <Button onClick={() => location.reload()}>Load again</Button>
      </div>
    )
  }
}
