import { useQuery } from '@tanstack/react-query'
import { GitCompareArrows } from 'lucide-react'
import { type ChangesAsked, most_steps, stepsQuery } from '@/api/changes'
import { teamNamesQuery } from '@/api/teams'
import { actions } from '@/components/changes'
import { Field } from '@/components/field'
import { Page } from '@/components/page'
import { SearchBox } from '@/components/search-box'
import { Empty, Failed } from '@/components/states'
import { ToggleRow } from '@/components/toggle-row'
import { NativeSelect } from '@/components/ui/native-select'
import { Skeleton } from '@/components/ui/skeleton'
import { type Action, differenceOf } from '@/lib/difference'
import { count, counted } from '@/lib/time'
import { toggled, useSearchText, useView, withValues } from '@/lib/url-state'
import { Groups } from './Groups'
import { Moments } from './Moments'

const default_since = '7d'

/** What is different between two moments, by team. */
export default function Changes() {
  const [view, show] = useView()
  const [text, search] = useSearchText()
  const since = view.get('since') ?? default_since
  const until = view.get('until') ?? ''
  const team = view.get('team') ?? ''
  const chosen = view.getAll('action') as Action[]
  const asked: ChangesAsked = { since, ...(until && { until }), ...(team && { team }) }
  const { data, error, isError, refetch, isPlaceholderData } = useQuery(stepsQuery(asked))
  const teams = useQuery(teamNamesQuery).data ?? []

  const found = data && differenceOf(data.steps)
  const needle = text.toLowerCase()
  const named = found?.filter(({ ref, name }) => `${ref} ${name}`.toLowerCase().includes(needle))
  const shown = named?.filter(({ action }) => chosen.length === 0 || chosen.includes(action))
  return (
    <Page
      title="Changes"
      beside={
        <span role="status" className="text-muted-foreground tabular-nums">
          {shown && counted(shown.length, 'difference')}
        </span>
      }
      description="What came, went, or is different between two moments: what was changed back in between does not count."
    >
      <div className="mb-4 grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap">
        <Moments
          since={since}
          until={until}
          choose={(names, how) =>
            show(
              Object.entries(names).reduce(
                (next, [name, value]) =>
                  withValues(next, name, value === default_since && name === 'since' ? [] : [value]),
                view,
              ),
              how,
            )
          }
        />
        <div className="col-span-2 sm:contents">
          <Field label="Team">
            {(props) => (
              <NativeSelect
                {...props}
                value={team}
                onChange={(event) => show(withValues(view, 'team', [event.target.value]))}
                className="w-full sm:w-52"
              >
                <option value="">All teams</option>
                {team && !teams.some(({ name }) => name === team) && <option value={team}>{team}</option>}
                {teams.map(({ name, display_name }) => (
                  <option key={name} value={name}>
                    {display_name}
                  </option>
                ))}
              </NativeSelect>
            )}
          </Field>
        </div>
        <SearchBox
          label="Find in these changes"
          value={text}
          onSearch={search}
          className="col-span-2 min-w-52 flex-1"
        />
      </div>
      <ToggleRow
        label="What happened"
        options={(Object.keys(actions) as Action[]).map((action) => ({
          value: action,
          word: actions[action].word,
          icon: actions[action].icon,
          text: actions[action].text,
          n: named?.filter((one) => one.action === action).length,
        }))}
        chosen={chosen}
        toggle={(action) => show(toggled(view, 'action', action))}
      />
      {data?.cut && (
        <p role="status" className="mb-4 rounded-lg bg-warn-ground px-4 py-2.5 text-warn">
          There are more than {count(most_steps)} steps between these moments; the newest are shown. Choose a
          shorter time or a team.
        </p>
      )}
      {isError && !data ? (
        <Failed what="list of changes" error={error} retry={() => void refetch()} />
      ) : !shown ? (
        <Skeleton className="h-96" />
      ) : shown.length === 0 ? (
        <Empty icon={GitCompareArrows} title="Nothing is different">
          {found && found.length > 0
            ? 'None of the changes of this time fits. Take a filter away.'
            : 'Between these two moments nothing came, went or changed.'}
        </Empty>
      ) : (
        <div aria-busy={isPlaceholderData} className={isPlaceholderData ? 'opacity-60' : ''}>
          <Groups differences={shown} />
        </div>
      )}
    </Page>
  )
}
