import { toast } from 'sonner'
import type { Versioned } from '@/api/client'
import { queryClient } from '@/api/query'
import { idOf, type Resource, resourceQuery, useEditResource } from '@/api/resources'
import { EditForm, textOf, useEdit } from '@/components/edit-form'
import { Field } from '@/components/field'
import { TeamInput } from '@/components/team-input'
import { Dialog, DialogContent, DialogDescription, DialogHeader, DialogTitle } from '@/components/ui/dialog'
import { Input, Textarea } from '@/components/ui/input'
import { Links } from './Links'
import { editOf, fieldsOf, labels, problemsOf, shown } from './resource-fields'

/** Edits what people say about a resource: `version` is the one that was read, with its ETag. */
export function EditDialog({ version, close }: { version: Versioned<Resource>; close: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Edit {version.data.display_name}</DialogTitle>
          <DialogDescription>
            What you write here stays, whatever the next collection finds. What you leave empty is left to it.
          </DialogDescription>
        </DialogHeader>
        <ResourceForm version={version} close={close} />
      </DialogContent>
    </Dialog>
  )
}

const begun = ({ data, etag }: Versioned<Resource>) => ({ fields: fieldsOf(data), etag })

function ResourceForm({ version, close }: { version: Versioned<Resource>; close: () => void }) {
  const resource = version.data
  const id = idOf(resource)
  const { mutateAsync } = useEditResource()
  const edit = useEdit({
    begin: () => begun(version),
    labels,
    problemsOf,
    newest: async () => begun(await queryClient.fetchQuery({ ...resourceQuery(id), staleTime: 0 })),
    send: async (difference, etag) => {
      await mutateAsync({ id, etag, body: editOf(difference) })
      toast.success(`${resource.display_name} was saved`)
    },
    close,
  })
  const { values, problems, set, leave } = edit
  const text = (field: 'display_name' | 'description' | 'team') => textOf(edit, field)
  return (
    <EditForm edit={edit} shown={shown}>
      <div className="grid gap-4">
        <Field label={labels.description} problem={problems.description}>
          {(props) => <Textarea {...props} {...text('description')} rows={3} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={labels.display_name}
            hint={`Else it is ${resource.name}.`}
            problem={problems.display_name}
          >
            {(props) => <Input {...props} {...text('display_name')} placeholder={resource.name} />}
          </Field>
          <Field
            label={labels.team}
            problem={problems.team}
            hint="Stronger than every tag. A team that nobody knows yet is kept as it is written."
          >
            {(props) => <TeamInput {...props} {...text('team')} placeholder={resource.team ?? ''} />}
          </Field>
        </div>
        <Links
          links={values.links}
          problem={problems.links}
          change={(links) => set('links', links)}
          leave={() => leave('links')}
        />
      </div>
    </EditForm>
  )
}
