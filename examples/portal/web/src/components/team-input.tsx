import { useQuery } from '@tanstack/react-query'
import { type ComponentProps, useId } from 'react'
import { teamNamesQuery } from '@/api/teams'
import { Input } from './ui/input'

/** A team as text: those that are known are offered, and any other one can be written. */
export function TeamInput(props: ComponentProps<'input'>) {
  const teams = useQuery(teamNamesQuery).data ?? []
  const list = useId()
  return (
    <>
      <Input {...props} list={list} spellCheck={false} />
      <datalist id={list}>
        {teams.map(({ name, display_name }) => (
          <option key={name} value={name}>
            {display_name}
          </option>
        ))}
      </datalist>
    </>
  )
}
