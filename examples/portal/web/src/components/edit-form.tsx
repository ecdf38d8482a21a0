import { type ReactNode, useState } from 'react'
import { ApiError, told } from '@/api/problem'
import { type Problems, useForm } from '@/lib/form'
import { changed, type Merged, merge } from '@/lib/merge'
import { FormFailure } from './field'
import { MergeNotice } from './merge-notice'
import { Button } from './ui/button'
import { DialogBody, DialogClose, DialogFooter } from './ui/dialog'

/** A form's fields with the version that they are of; without one it is new. */
export interface Begun<F> {
  fields: F
  etag: string | null
}

export interface Edit<F> {
  begin: () => Begun<F>
  labels: Record<keyof F, string>
  problemsOf: (fields: F) => Problems<F>
  /** The fields as they are now, for after a 412. */
  newest?: () => Promise<Begun<F>>
  /** Writes what differs from what the form began with. */
  send: (difference: Partial<F>, etag: string | null) => Promise<void>
  /** What a refusal means that names no field. */
  meant?: (error: ApiError) => Problems<F> | null
  close: () => void
}

/** What is typed into a form of a dialog, and how it is saved; after a 412 what another person saved is merged under it. */
export function useEdit<F extends object>({
  begin,
  labels,
  problemsOf,
  newest,
  send,
  meant,
  close,
}: Edit<F>) {
  // What the form began with, and its version; after a 412 those of the other person.
  const [base, setBase] = useState(begin)
  const [failure, setFailure] = useState<string | null>(null)
  const [merged, setMerged] = useState<Merged<F> | null>(null)
  const [busy, setBusy] = useState(false)
  const form = useForm(base.fields, problemsOf)

  const mergeNewest = async (read: () => Promise<Begun<F>>) => {
    const now = await read()
    const result = merge(base.fields, form.values, now.fields)
    setBase(now)
    form.setValues(result.values)
    setMerged(result)
  }
  const failed = (error: unknown) => {
    if (error instanceof ApiError) {
      if (error.status === 412 && newest)
        return mergeNewest(newest).catch((later: unknown) => setFailure(told(later)))
      const meaning = meant?.(error)
      if (meaning) return form.refuse(meaning)
      const known = Object.entries(error.fields).filter(([field]) => field in labels)
      form.refuse(Object.fromEntries(known) as Problems<F>)
    }
    setFailure(told(error))
  }
  const save = form.submit((fields) => {
    setFailure(null)
    const difference = changed(base.fields, fields)
    if (Object.keys(difference).length === 0) return close()
    setBusy(true)
    send(difference, base.etag)
      .then(close, failed)
      .finally(() => setBusy(false))
  })
  /** Takes the other person's value of a field. */
  const take = <K extends keyof F>(field: K) => {
    if (!merged) return
    const { [field]: theirs, ...rest } = merged.conflicts
    form.set(field, theirs as F[K])
    setMerged({ ...merged, conflicts: rest as Partial<F> })
  }
  return { ...form, labels, merged, take, failure, busy, save }
}

/** What the inputs of a field of text have in common. */
export function textOf<F extends object, K extends keyof F>(
  { values, set, leave }: Pick<ReturnType<typeof useEdit<F>>, 'values' | 'set' | 'leave'>,
  field: F[K] extends string ? K : never,
) {
  return {
    value: values[field] as string,
    onChange: (event: { target: { value: string } }) => set(field, event.target.value as F[typeof field]),
    onBlur: () => leave(field),
    autoComplete: 'off',
  }
}

/** The form around its fields: what was merged above them, why it failed and the buttons below. */
export function EditForm<F extends object>({
  edit: { element, labels, merged, take, failure, busy, save },
  shown = String,
  action = 'Save',
  children,
}: {
  edit: ReturnType<typeof useEdit<F>>
  /** A field's value as text, for whoever compares two. */
  shown?: (value: F[keyof F]) => string
  /** The word on the button. */
  action?: string
  children: ReactNode
}) {
  return (
    <form ref={element} onSubmit={save} noValidate className="flex min-h-0 flex-col">
      <DialogBody>
        {merged && (
          <MergeNotice
            taken={merged.taken.map((field) => labels[field])}
            conflicts={(Object.keys(merged.conflicts) as (keyof F & string)[]).map((field) => ({
              field,
              label: labels[field],
              theirs: shown(merged.conflicts[field] as F[keyof F]),
            }))}
            take={(field) => take(field as keyof F)}
          />
        )}
        {children}
      </DialogBody>
      <DialogFooter>
        {failure && <FormFailure>{failure}</FormFailure>}
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={busy}>
          {action}
        </Button>
      </DialogFooter>
    </form>
  )
}
