import { type FormEvent, useCallback, useRef, useState } from 'react'

export type Problems<T> = Partial<Record<keyof T, string>>

/**
 * The state of one form. A field's problem shows once the person has left it, or tried to save; after that it goes as
 * soon as it is mended. Problems that the server found stay until the field is changed.
 */
export function useForm<T extends object>(start: T, validate: (values: T) => Problems<T>) {
  const [values, setValues] = useState(start)
  const [left, setLeft] = useState<ReadonlySet<keyof T>>(new Set())
  const [refused, setRefused] = useState<Problems<T>>({})
  const element = useRef<HTMLFormElement>(null)
  const found = validate(values)

  const set = useCallback(<K extends keyof T>(field: K, value: T[K]) => {
    setValues((before) => ({ ...before, [field]: value }))
    setRefused(({ [field]: _, ...rest }) => rest as Problems<T>)
  }, [])

  const problems: Problems<T> = { ...refused }
  for (const field of left) if (found[field] && !problems[field]) problems[field] = found[field]

  return {
    element,
    values,
    problems,
    set,
    setValues,
    /** Shows what the server said about fields. */
    refuse: setRefused,
    leave: (field: keyof T) =>
      setLeft((before) => (before.has(field) ? before : new Set([...before, field]))),
    /** Saves if nothing is wrong; else the first wrong field gets the focus. */
    submit: (save: (values: T) => void) => (event: FormEvent) => {
      event.preventDefault()
      const wrong = Object.keys(found) as (keyof T)[]
      if (wrong.length === 0) return save(values)
      setLeft(new Set([...left, ...wrong]))
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      )
    },
  }
}
