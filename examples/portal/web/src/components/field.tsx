import { CircleAlert } from 'lucide-react'
import { type ReactNode, useId } from 'react'

/** What a field's input has to carry, so that its label, hint and problem belong to it. */
export interface FieldProps {
  id: string
  'aria-describedby'?: string
  'aria-invalid'?: true
  'aria-required'?: true
}

/** A field of a form: label, input, hint, and what is wrong with it. */
export function Field({
  label,
  hint,
  problem,
  required,
  children,
}: {
  label: string
  hint?: ReactNode
  problem?: ReactNode
  required?: boolean
  children: (props: FieldProps) => ReactNode
}) {
  const id = useId()
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium">
        {label}
        {required && (
          <span aria-hidden className="text-bad">
            {' *'}
          </span>
        )}
      </label>
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(problem && { 'aria-invalid': true }),
        ...(required && { 'aria-required': true }),
      })}
      {problem && (
        <p id={`${id}-problem`} className="flex items-start gap-1 text-xs text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span>{problem}</span>
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted-foreground">
          {hint}
        </p>
      )}
    </div>
  )
}

/** Why a form was not saved, where it is no single field's fault. Beside its buttons: a toast would hide them. */
export function FormFailure({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="flex min-w-0 flex-1 basis-60 items-start gap-1.5 text-bad">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>{children}</span>
    </p>
  )
}
