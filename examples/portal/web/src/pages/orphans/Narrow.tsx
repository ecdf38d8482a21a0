import type { Facets } from '@/api/facets'
import type { OwnershipState } from '@/api/why'
import { ownership_states } from '@/components/ownership-badge'
import { ToggleRow } from '@/components/toggle-row'
import { NativeSelect } from '@/components/ui/native-select'
import { count } from '@/lib/time'
import { toggled, type View, without, withValues } from '@/lib/url-state'

/** Which orphans: services or resources, in which state, where, and of which type. */
export function Narrow({
  of,
  counts,
  view,
  show,
  states,
}: {
  of: 'services' | 'resources'
  counts: Facets | undefined
  view: View
  show: (next: View) => void
  states: readonly OwnershipState[]
}) {
  return (
    <>
      <NativeSelect
        aria-label="What to settle"
        value={of}
        onChange={(event) =>
          show(
            withValues(without(view, ['type']), 'of', event.target.value === 'services' ? ['services'] : []),
          )
        }
      >
        <option value="resources">Resources</option>
        <option value="services">Services</option>
      </NativeSelect>
      <Choice
        name="environment"
        label="Environment"
        all="All environments"
        counts={counts}
        view={view}
        show={show}
      />
      <Choice name="type" label="Type" all="All types" counts={counts} view={view} show={show} />
      <ToggleRow
        label="State of ownership"
        options={states.map((state) => {
          const { word, meaning, icon } = ownership_states[state]
          const n = counts?.ownership?.find(({ value }) => value === state)?.count ?? 0
          return { value: state, word, n, icon, title: meaning }
        })}
        chosen={view.getAll('ownership')}
        toggle={(state) => show(toggled(view, 'ownership', state))}
        className=""
      />
    </>
  )
}

function Choice({
  name,
  label,
  all,
  counts,
  view,
  show,
}: {
  name: 'environment' | 'type'
  label: string
  all: string
  counts: Facets | undefined
  view: View
  show: (next: View) => void
}) {
  const value = view.get(name) ?? ''
  const values = counts?.[name] ?? []
  const gone = value !== '' && !values.some((one) => one.value === value)
  return (
    <NativeSelect
      aria-label={label}
      value={value}
      onChange={(event) => show(withValues(view, name, [event.target.value]))}
      className="max-w-44"
    >
      <option value="">{all}</option>
      {gone && <option value={value}>{value} (0)</option>}
      {values.map((one) => (
        <option key={one.value} value={one.value}>
          {one.value} ({count(one.count)})
        </option>
      ))}
    </NativeSelect>
  )
}
