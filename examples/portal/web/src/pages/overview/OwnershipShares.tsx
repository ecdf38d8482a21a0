import type { Facets } from '@/api/facets'
import type { OwnershipState } from '@/api/why'
import { ownership_states } from '@/components/ownership-badge'
import { Card, Section } from '@/components/page'
import { ShareBar } from '@/components/share-bar'
import { Skeleton } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'

const look: Record<OwnershipState, { ground: string; text: string }> = {
  owned: { ground: 'bg-ok', text: 'text-ok' },
  unowned: { ground: 'bg-bad', text: 'text-bad' },
  unregistered: { ground: 'bg-warn', text: 'text-warn' },
  conflict: { ground: 'bg-warn', text: 'text-warn' },
  unknown: { ground: 'bg-idle', text: 'text-idle' },
}

export function OwnershipShares({
  resources,
  services,
}: {
  resources: Facets | undefined
  services: Facets | undefined
}) {
  return (
    <Section title="Ownership">
      <Card className="grid gap-x-10 gap-y-6 p-5 xl:grid-cols-2">
        <Part title="Resources" list="resources" facets={resources} />
        <Part title="Services" list="services" facets={services} />
      </Card>
    </Section>
  )
}

function Part({ title, list, facets }: { title: string; list: string; facets: Facets | undefined }) {
  const shares = (Object.keys(ownership_states) as OwnershipState[]).map((state) => {
    const { word, icon: Icon } = ownership_states[state]
    return {
      key: state,
      word,
      n: facets?.ownership?.find(({ value }) => value === state)?.count ?? 0,
      ground: look[state].ground,
      mark: <Icon aria-hidden className={cn('size-4', look[state].text)} />,
      to: `/${list}?ownership=${state}`,
    }
  })
  return (
    <div className="min-w-0">
      <h3 className="mb-2.5 font-medium">{title}</h3>
      {!facets ? (
        <Skeleton className="h-19" />
      ) : shares.every(({ n }) => n === 0) ? (
        <p className="text-muted-foreground">None is known yet.</p>
      ) : (
        <ShareBar label={`${title} by ownership`} shares={shares} />
      )}
    </div>
  )
}
