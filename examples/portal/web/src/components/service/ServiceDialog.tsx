import { toast } from 'sonner'
import type { Versioned } from '@/api/client'
import { queryClient } from '@/api/query'
import { type Service, serviceQuery, useAddService, useEditService } from '@/api/services'
import { type Edit, EditForm, textOf, useEdit } from '../edit-form'
import { Field } from '../field'
import { TeamInput } from '../team-input'
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from '../ui/dialog'
import { Input, Textarea } from '../ui/input'
import { editOf, fieldsOf, labels, newOf, no_fields, problemsOf, type ServiceFields } from './service-fields'

/** Adds a service, or edits one: `version` is the one that was read, with its ETag. */
export function ServiceDialog({
  version = null,
  close,
}: {
  version?: Versioned<Service> | null
  close: () => void
}) {
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{version ? `Edit ${version.data.name}` : 'Add a service'}</DialogTitle>
          <DialogDescription>
            {version
              ? 'What you write here stays, whatever the next collection finds.'
              : 'For what no source shows. Everything except the name can come later.'}
          </DialogDescription>
        </DialogHeader>
        <ServiceForm version={version} close={close} />
      </DialogContent>
    </Dialog>
  )
}

const begun = ({ data, etag }: Versioned<Service>) => ({ fields: fieldsOf(data), etag })

function useAdding(): Omit<Edit<ServiceFields>, 'close'> {
  const add = useAddService()
  return {
    begin: () => ({ fields: no_fields, etag: null }),
    labels,
    problemsOf,
    send: async (filled) => {
      const { name } = await add.mutateAsync(newOf({ ...no_fields, ...filled }))
      toast.success(`${name} was added`)
    },
    // The name is taken.
    meant: ({ status, message }) => (status === 409 ? { name: message } : null),
  }
}

function useEditing(version: Versioned<Service> | null): Omit<Edit<ServiceFields>, 'close'> | null {
  const edit = useEditService()
  if (!version) return null
  const service = version.data
  return {
    begin: () => begun(version),
    labels,
    problemsOf,
    newest: async () => begun(await queryClient.fetchQuery({ ...serviceQuery(service), staleTime: 0 })),
    send: async (difference, etag) => {
      await edit.mutateAsync({ service, etag, edit: editOf(difference) })
      toast.success(`${service.name} was saved`)
    },
  }
}

function ServiceForm({ version, close }: { version: Versioned<Service> | null; close: () => void }) {
  const adding = useAdding()
  const edit = useEdit({ ...(useEditing(version) ?? adding), close })
  const { problems } = edit
  const text = (field: keyof ServiceFields) => textOf(edit, field)
  return (
    <EditForm edit={edit} {...(!version && { action: 'Add service' })}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={labels.name} required problem={problems.name}>
          {(props) => <Input {...props} {...text('name')} disabled={version !== null} spellCheck={false} />}
        </Field>
        <Field label={labels.namespace} problem={problems.namespace}>
          {(props) => (
            <Input {...props} {...text('namespace')} disabled={version !== null} spellCheck={false} />
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
          {(props) => <TeamInput {...props} {...text('team')} />}
        </Field>
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
    </EditForm>
  )
}
