import { useQuery } from '@tanstack/react-query'
import { ChevronLeft, History, Waypoints } from 'lucide-react'
import { useEffect } from 'react'
import { Link, useLocation } from 'wouter'
import { holdingsQuery } from '@/api/holdings'
import { told } from '@/api/problem'
import { type Team, teamQuery } from '@/api/teams'
import { ChangeLog } from '@/components/changes'
import { HoldingsMatrix } from '@/components/holdings-matrix'
import { Card, Page, Section } from '@/components/page'
import { Empty, Failed } from '@/components/states'
import { TeamMark } from '@/components/team-chip'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { localOf, pathOf } from '@/lib/refs'
import { count, counted } from '@/lib/time'
import { Facts } from './Facts'
import { Members } from './Members'
import { Services } from './Services'
import { TagCoverage } from './TagCoverage'
import { TeamFindings } from './TeamFindings'

/** What a squad owns and runs, across all environments. */
export default function TeamPage() {
  const [path, navigate] = useLocation()
  const asked = localOf(path === location.pathname ? path : location.pathname, '/teams/')
  const { data: team, error, refetch, isError } = useQuery(teamQuery(asked))
  const renamed = team && team.name !== asked ? asked : null
  // The address that others copy should be the one of today; the old name is told below the title.
  const old_name = renamed ?? (history.state as { old_name?: string } | null)?.old_name ?? null
  useEffect(() => {
    if (renamed && team)
      navigate(pathOf(team.ref) ?? '/teams', { replace: true, state: { old_name: renamed } })
  }, [renamed, team, navigate])
  return (
    <Page
      title={team?.display_name ?? asked}
      above={
        <Link href="/teams" className="link inline-flex items-center gap-1">
          <ChevronLeft aria-hidden className="size-4" /> Teams
        </Link>
      }
      beside={<TeamMark team={team?.name ?? asked} className="size-7 text-xs" />}
      description={
        team &&
        (old_name && old_name !== team.name ? (
          <span className="inline-flex items-center gap-1.5">
            <History aria-hidden className="size-4" /> “{old_name}” is a name it had before, or another one of
            its names.
          </span>
        ) : (
          `${counted(team.counts.services, 'service')} and ${counted(team.counts.resources, 'resource')}`
        ))
      }
      actions={
        team && (
          <Button variant="outline" asChild>
            <Link href={`/graph?ref=${encodeURIComponent(team.ref)}`}>
              <Waypoints aria-hidden /> Graph
            </Link>
          </Button>
        )
      }
    >
      {team ? (
        <Whole team={team} />
      ) : isError ? (
        <Failed what="team" error={error} retry={() => void refetch()} />
      ) : (
        <div
          role="status"
          aria-label="Loading the team"
          className="grid gap-8 xl:grid-cols-[minmax(0,1fr)_22rem]"
        >
          <Skeleton className="h-72" />
          <Skeleton className="h-80" />
        </div>
      )}
    </Page>
  )
}

function Whole({ team }: { team: Team }) {
  return (
    <div className="grid gap-x-8 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-8">
        <Holdings team={team} />
        <Services team={team} />
        <TeamFindings team={team} />
        <Section
          title="Change log"
          beside={
            <Link
              href={`/changes?team=${encodeURIComponent(team.name)}`}
              className="link text-muted-foreground"
            >
              All changes
            </Link>
          }
        >
          <ChangeLog of={{ team: team.name }} />
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-8">
        <Section title="About">
          <Card className="p-4">
            <Facts team={team} />
          </Card>
        </Section>
        <Members members={team.members ?? []} />
        <TagCoverage team={team} />
      </div>
    </div>
  )
}

function Holdings({ team }: { team: Team }) {
  const { data, error, isError } = useQuery(holdingsQuery({ team: [team.name] }))
  const unsure = data?.ownership
    .filter(({ value }) => value === 'unknown')
    .reduce((sum, { count }) => sum + count, 0)
  return (
    <Section title="What it owns, and where">
      {data ? (
        data.matrix.rows.length === 0 ? (
          <Empty
            title="It owns nothing yet"
            action={
              <Button variant="outline" asChild>
                <Link href="/orphans">To what nobody owns</Link>
              </Button>
            }
          >
            Nothing that was read names this team. Tag what is yours with one of its names, or take it from
            the orphans.
          </Empty>
        ) : (
          <>
            <HoldingsMatrix
              label={`What ${team.display_name} owns in each environment`}
              matrix={data.matrix}
              filter={`team=${encodeURIComponent(team.name)}`}
            />
            {(data.left_out > 0 || (unsure ?? 0) > 0) && (
              <p className="mt-2 text-xs text-muted-foreground">
                {data.left_out > 0 && `${counted(data.left_out, 'more environment')} not shown here. `}
                {(unsure ?? 0) > 0 &&
                  `Of ${count(unsure ?? 0)} of these the tags could not be read: this team is the last owner that is known.`}
              </p>
            )}
          </>
        )
      ) : isError ? (
        <p role="alert" className="text-muted-foreground">
          What it owns could not be counted. {told(error)}
        </p>
      ) : (
        <Skeleton className="h-60" />
      )}
    </Section>
  )
}
