import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { toast } from 'sonner'
import { ApiError, told } from '@/api/problem'
import { queryClient } from '@/api/query'
import { type Service, serviceQuery, useAddService, useEditService } from '@/api/services'
import { teamNamesQuery } from '@/api/teams'
import { useForm } from '@/lib/form'
import { changed, type Merged, merge } from '@/lib/merge'
import { Field, FormFailure } from '../field'
import { MergeNotice } from '../merge-notice'
import { Button } from '../ui/button'
import {
  Dialog,
  DialogBody,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '../ui/dialog'
import { Input, Textarea } from '../ui/input'
import { editOf, fieldsOf, labels, newOf, no_fields, problemsOf, type ServiceFields } from './service-fields'

/** Adds a service, or edits one: `version` is the one that was read, with its ETag. */
export function ServiceDialog({
  version,
  close,
  added,
}: {
  version?: { service: Service; etag: string | null }
  close: () => void
  added?: (service: Service) => void
}) {
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{version ? `Edit ${version.service.name}` : 'Add a service'}</DialogTitle>
          <DialogDescription>
            {version
              ? 'What you write here stays, whatever the next collection finds.'
              : 'For what no source shows. Everything except the name can come later.'}
          </DialogDescription>
        </DialogHeader>
        <ServiceForm {...(version && { version })} close={close} {...(added && { added })} />
      </DialogContent>
    </Dialog>
  )
}

function ServiceForm({
  version,
  close,
  added,
}: {
  version?: { service: Service; etag: string | null }
  close: () => void
  added?: (service: Service) => void
}) {
  // What the form began with, and its version; after a 412 those of the other person.
  const [base, setBase] = useState(version ? fieldsOf(version.service) : no_fields)
  const [etag, setEtag] = useState(version?.etag ?? null)
  const [failure, setFailure] = useState<string | null>(null)
  const [merged, setMerged] = useState<Merged<ServiceFields> | null>(null)
  const { element, values, problems, set, setValues, refuse, leave, submit } = useForm(base, problemsOf)
  const add = useAddService()
  const edit = useEditService()
  const busy = add.isPending || edit.isPending
  const teams = useQuery(teamNamesQuery).data ?? []
  const teams_id = useId()

  /** The newest version under what I typed, as src/lib/merge.ts says. */
  const mergeNewest = async (service: Service) => {
    const newest = await queryClient.fetchQuery({ ...serviceQuery(service), staleTime: 0 })
    const theirs = fieldsOf(newest.data)
    const result = merge(base, values, theirs)
    setBase(theirs)
    setEtag(newest.etag)
    setValues(result.values)
    setMerged(result)
  }

  const failed = (error: unknown) => {
    if (error instanceof ApiError && error.status === 412 && version) {
      mergeNewest(version.service).catch((later: unknown) => setFailure(told(later)))
      return
    }
    if (error instanceof ApiError && error.status === 409 && !version) {
      refuse({ name: error.message })
      return
    }
    const fields = error instanceof ApiError ? error.fields : {}
    refuse(Object.fromEntries(Object.entries(fields).filter(([field]) => field in labels)))
    setFailure(told(error))
  }

  const save = submit((fields) => {
    setFailure(null)
    if (!version) {
      add.mutate(newOf(fields), {
        onSuccess: (service) => {
          toast.success(`${service.name} was added`)
          close()
          added?.(service)
        },
        onError: failed,
      })
      return
    }
    const difference = changed(base, fields)
    if (Object.keys(difference).length === 0) return close()
    edit.mutate(
      { service: version.service, etag, edit: editOf(difference) },
      {
        onSuccess: () => {
          toast.success(`${version.service.name} was saved`)
          close()
        },
        onError: failed,
      },
    )
  })

  const text = (field: keyof ServiceFields) => ({
    value: values[field],
    onChange: (event: { target: { value: string } }) => set(field, event.target.value),
    onBlur: () => leave(field),
    autoComplete: 'off',
  })

  return (
    <form ref={element} onSubmit={save} noValidate className="flex min-h-0 flex-col">
      <DialogBody>
        {merged && (
          <MergeNotice
            taken={merged.taken.map((field) => labels[field])}
            conflicts={Object.entries(merged.conflicts).map(([field, theirs]) => ({
              field,
              label: labels[field as keyof ServiceFields],
              theirs,
            }))}
            take={(field) => {
              const name = field as keyof ServiceFields
              set(name, merged.conflicts[name] ?? '')
              const { [name]: _, ...rest } = merged.conflicts
              setMerged({ ...merged, conflicts: rest })
            }}
          />
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={labels.name} required problem={problems.name}>
            {(props) => (
              <Input {...props} {...text('name')} disabled={version !== undefined} spellCheck={false} />
            )}
          </Field>
          <Field label={labels.namespace} problem={problems.namespace}>
            {(props) => (
              <Input {...props} {...text('namespace')} disabled={version !== undefined} spellCheck={false} />
            )}
          </Field>
          <div className="sm:col-span-2">
            <Field label={labels.description}>
              {(props) => <Textarea {...props} {...text('description')} rows={3} />}
            </Field>
          </div>
          <Field
            label={labels.team}
            problem={problems.team}
            hint="A team that nobody knows yet is kept as it is written."
          >
            {(props) => <Input {...props} {...text('team')} list={teams_id} spellCheck={false} />}
          </Field>
          <datalist id={teams_id}>
            {teams.map(({ name, display_name }) => (
              <option key={name} value={name}>
                {display_name}
              </option>
            ))}
          </datalist>
          <Field label={labels.tags} problem={problems.tags} hint="Separated by commas: critical, tier=1">
            {(props) => <Input {...props} {...text('tags')} spellCheck={false} />}
          </Field>
          <div className="sm:col-span-2">
            <Field
              label={labels.status_url}
              problem={problems.status_url}
              hint="Asked every minute: any 2xx answer is healthy."
            >
              {(props) => (
                <Input {...props} {...text('status_url')} type="url" placeholder="https://…/healthz" />
              )}
            </Field>
          </div>
          {(['docs_url', 'github_url', 'dashboard_url'] as const).map((field) => (
            <Field key={field} label={labels[field]} problem={problems[field]}>
              {(props) => <Input {...props} {...text(field)} type="url" placeholder="https://…" />}
            </Field>
          ))}
        </div>
      </DialogBody>
      <DialogFooter>
        {failure && <FormFailure>{failure}</FormFailure>}
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={busy}>
          {version ? 'Save' : 'Add service'}
        </Button>
      </DialogFooter>
    </form>
  )
}
