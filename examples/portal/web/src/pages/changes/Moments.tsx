import { useState } from 'react'
import { Field } from '@/components/field'
import { Input } from '@/components/ui/input'
import { NativeSelect } from '@/components/ui/native-select'
import { fieldOf, timeOf } from '@/lib/moments'

const ages = [
  { age: '1h', word: 'An hour ago' },
  { age: '24h', word: 'A day ago' },
  { age: '7d', word: 'A week ago' },
  { age: '30d', word: '30 days ago' },
  { age: '90d', word: '90 days ago' },
]

/** The two moments that are compared: the earlier one as an age or a time, the later one now or a time. */
export function Moments({
  since,
  until,
  choose,
}: {
  since: string
  until: string
  /** What is typed digit by digit is no step of the back button: it replaces. */
  choose: (names: { since: string } | { until: string }, how: 'push' | 'replace') => void
}) {
  const usual = ages.some(({ age }) => age === since)
  return (
    <>
      <Moment
        label="From"
        value={usual ? since : timeOf(since) ? 'time' : since}
        time={timeOf(since)}
        options={[
          ...ages.map(({ age, word }) => ({ value: age, word })),
          // A revision or another age, from an address that somebody wrote.
          ...(usual || timeOf(since)
            ? []
            : [{ value: since, word: /^\d+$/.test(since) ? `Revision ${since}` : since }]),
        ]}
        choose={(since, how) => choose({ since }, how)}
      />
      <Moment
        label="Until"
        value={until === '' ? '' : timeOf(until) ? 'time' : until}
        time={timeOf(until)}
        options={[
          { value: '', word: 'Now' },
          ...(until === '' || timeOf(until)
            ? []
            : [{ value: until, word: /^\d+$/.test(until) ? `Revision ${until}` : until }]),
        ]}
        choose={(until, how) => choose({ until }, how)}
      />
    </>
  )
}

function Moment({
  label,
  value,
  time,
  options,
  choose,
}: {
  label: string
  value: string
  /** Set where it is a time and not an age. */
  time: Date | null
  options: { value: string; word: string }[]
  choose: (moment: string, how: 'push' | 'replace') => void
}) {
  const [asking, setAsking] = useState(false)
  const by_time = asking || value === 'time'
  return (
    <div className="grid gap-2 sm:flex sm:flex-wrap sm:items-end">
      <Field label={label}>
        {(props) => (
          <NativeSelect
            {...props}
            value={by_time ? 'time' : value}
            onChange={(event) => {
              setAsking(event.target.value === 'time')
              if (event.target.value !== 'time') choose(event.target.value, 'push')
            }}
            className="w-full sm:w-40"
          >
            {options.map(({ value, word }) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
            <option value="time">A date and time…</option>
          </NativeSelect>
        )}
      </Field>
      {by_time && (
        <Input
          type="datetime-local"
          aria-label={`${label}: date and time`}
          defaultValue={time ? fieldOf(time) : ''}
          onChange={(event) => {
            const chosen = new Date(event.target.value)
            if (Number.isNaN(chosen.getTime())) return
            setAsking(false)
            choose(chosen.toISOString(), time ? 'replace' : 'push')
          }}
          className="w-full sm:w-52"
        />
      )}
    </div>
  )
}
