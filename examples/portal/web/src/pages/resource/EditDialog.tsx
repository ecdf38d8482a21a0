import { useQuery } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useId, useState } from 'react'
import { toast } from 'sonner'
import type { Versioned } from '@/api/client'
import { ApiError, told } from '@/api/problem'
import { queryClient } from '@/api/query'
import { idOf, type Resource, resourceQuery, useEditResource } from '@/api/resources'
import { teamNamesQuery } from '@/api/teams'
import { Field, FormFailure } from '@/components/field'
import { MergeNotice } from '@/components/merge-notice'
import { Button } from '@/components/ui/button'
import {
  Dialog,
  DialogBody,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { Input, Textarea } from '@/components/ui/input'
import { useForm } from '@/lib/form'
import { changed, type Merged, merge } from '@/lib/merge'
import {
  editOf,
  fieldsOf,
  type LinkFields,
  labels,
  linkProblem,
  problemsOf,
  type ResourceFields,
  shown,
} from './resource-fields'

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
        <EditForm version={version} close={close} />
      </DialogContent>
    </Dialog>
  )
}

function EditForm({ version, close }: { version: Versioned<Resource>; close: () => void }) {
  const resource = version.data
  // What the form began with, and its version; after a 412 those of the other person.
  const [base, setBase] = useState(() => fieldsOf(resource))
  const [etag, setEtag] = useState(version.etag)
  const [failure, setFailure] = useState<string | null>(null)
  const [merged, setMerged] = useState<Merged<ResourceFields> | null>(null)
  const { element, values, problems, set, setValues, refuse, leave, submit } = useForm(base, problemsOf)
  const edit = useEditResource()
  const teams = useQuery(teamNamesQuery).data ?? []
  const teams_id = useId()

  /** The newest version under what I typed, as src/lib/merge.ts says. */
  const mergeNewest = async () => {
    const newest = await queryClient.fetchQuery({ ...resourceQuery(idOf(resource)), staleTime: 0 })
    const theirs = fieldsOf(newest.data)
    const result = merge(base, values, theirs)
    setBase(theirs)
    setEtag(newest.etag)
    setValues(result.values)
    setMerged(result)
  }

  const failed = (error: unknown) => {
    if (error instanceof ApiError && error.status === 412) {
      mergeNewest().catch((later: unknown) => setFailure(told(later)))
      return
    }
    const fields = error instanceof ApiError ? error.fields : {}
    refuse(Object.fromEntries(Object.entries(fields).filter(([field]) => field in labels)))
    setFailure(told(error))
  }

  const save = submit((fields) => {
    setFailure(null)
    const difference = changed(base, fields)
    if (Object.keys(difference).length === 0) return close()
    edit.mutate(
      { id: idOf(resource), etag, body: editOf(difference) },
      {
        onSuccess: () => {
          toast.success(`${resource.display_name} was saved`)
          close()
        },
        onError: failed,
      },
    )
  })

  const text = (field: 'display_name' | 'description' | 'team') => ({
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
              label: labels[field as keyof ResourceFields],
              theirs: shown(theirs),
            }))}
            take={(field) => {
              const name = field as keyof ResourceFields
              const theirs = merged.conflicts[name]
              if (theirs !== undefined) set(name, theirs)
              const { [name]: _, ...rest } = merged.conflicts
              setMerged({ ...merged, conflicts: rest })
            }}
          />
        )}
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
              {(props) => (
                <Input
                  {...props}
                  {...text('team')}
                  list={teams_id}
                  spellCheck={false}
                  placeholder={resource.team ?? ''}
                />
              )}
            </Field>
          </div>
          <datalist id={teams_id}>
            {teams.map(({ name, display_name }) => (
              <option key={name} value={name}>
                {display_name}
              </option>
            ))}
          </datalist>
          <Links
            links={values.links}
            problem={problems.links}
            change={(links) => set('links', links)}
            leave={() => leave('links')}
          />
        </div>
      </DialogBody>
      <DialogFooter>
        {failure && <FormFailure>{failure}</FormFailure>}
        <DialogClose asChild>
          <Button variant="outline">Cancel</Button>
        </DialogClose>
        <Button type="submit" disabled={edit.isPending}>
          Save
        </Button>
      </DialogFooter>
    </form>
  )
}

function Links({
  links,
  problem,
  change,
  leave,
}: {
  links: readonly LinkFields[]
  problem: string | undefined
  change: (links: LinkFields[]) => void
  leave: () => void
}) {
  const at = (index: number, part: Partial<LinkFields>) =>
    change(links.map((link, other) => (other === index ? { ...link, ...part } : link)))
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-xs font-medium">{labels.links}</legend>
      <ul className="flex flex-col gap-2">
        {links.map((link, index) => {
          const wrong = problem && linkProblem(link)
          return (
            <li
              key={index}
              className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 gap-y-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto]"
            >
              <Input
                aria-label={`Words of link ${index + 1}`}
                placeholder="Runbook"
                value={link.title}
                onChange={(event) => at(index, { title: event.target.value })}
                className="max-sm:col-span-1"
              />
              <div className="max-sm:order-last max-sm:col-span-2">
                <Input
                  aria-label={`Address of link ${index + 1}`}
                  type="url"
                  placeholder="https://…"
                  value={link.url}
                  onChange={(event) => at(index, { url: event.target.value })}
                  onBlur={leave}
                  {...(wrong && { 'aria-invalid': true, 'aria-describedby': `link-problem-${index}` })}
                />
                {wrong && (
                  <p id={`link-problem-${index}`} className="mt-1 text-xs text-bad">
                    {wrong}
                  </p>
                )}
              </div>
              <Button
                variant="ghost"
                size="icon"
                aria-label={`Remove link ${index + 1}`}
                onClick={() => change(links.filter((_, other) => other !== index))}
              >
                <Trash2 />
              </Button>
            </li>
          )
        })}
      </ul>
      <Button
        variant="outline"
        size="sm"
        className={links.length > 0 ? 'mt-2' : ''}
        onClick={() => change([...links, { title: '', url: '' }])}
      >
        <Plus aria-hidden /> Add a link
      </Button>
    </fieldset>
  )
}
