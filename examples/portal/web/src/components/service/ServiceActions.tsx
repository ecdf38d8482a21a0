import { Ellipsis, Pencil, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { told } from '@/api/problem'
import { queryClient } from '@/api/query'
import { type Service, serviceQuery, useCheckService, useDeleteService } from '@/api/services'
import { cn } from '@/lib/cn'
import { Confirm } from '../confirm'
import { statuses } from '../status'
import { Button } from '../ui/button'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu'
import { ServiceDialog } from './ServiceDialog'

/** What can be done with a service, with its dialogs: the same on a card, in a row and on its page. */
export function useServiceActions(service: Service, deleted?: () => void) {
  const [editing, edit] = useState<{ service: Service; etag: string | null } | null>(null)
  const [deleting, setDeleting] = useState(false)
  const check = useCheckService()
  const remove = useDeleteService()
  const is_added = service.origin === 'manual'

  /** Reads the whole service first: the form needs its newest words and their version. */
  const startEdit = () =>
    queryClient.fetchQuery({ ...serviceQuery(service), staleTime: 0 }).then(
      ({ data, etag }) => edit({ service: data, etag }),
      (error: unknown) => toast.error(`${service.name} could not be read`, { description: told(error) }),
    )
  const checkNow = () =>
    check.mutate(service, {
      onSuccess: ({ status }) => toast.success(`${service.name}: ${statuses[status].word.toLowerCase()}`),
      onError: (error) => toast.error(`${service.name} was not checked`, { description: told(error) }),
    })
  const runDelete = () =>
    remove.mutate(service, {
      onSuccess: () => {
        setDeleting(false)
        toast.success(is_added ? `${service.name} was deleted` : `${service.name} was hidden`)
        deleted?.()
      },
      onError: (error) => toast.error(`${service.name} was not deleted`, { description: told(error) }),
    })

  return {
    startEdit,
    startDelete: () => setDeleting(true),
    checkNow,
    checking: check.isPending,
    can_check: Boolean(service.status_url),
    is_added,
    dialogs: (
      <>
        {editing && <ServiceDialog version={editing} close={() => edit(null)} />}
        <Confirm
          open={deleting}
          close={() => setDeleting(false)}
          title={is_added ? `Delete ${service.name}?` : `Hide ${service.name}?`}
          action={is_added ? 'Delete' : 'Hide'}
          run={runDelete}
          busy={remove.isPending}
        >
          {is_added
            ? 'A person added it, so it will be gone, with its description, links and tags.'
            : 'A source still shows it. It will leave the lists and counts until somebody shows it again; nothing that runs is touched.'}
        </Confirm>
      </>
    ),
  }
}

export function ServiceMenu({ service, className }: { service: Service; className?: string }) {
  const { startEdit, startDelete, checkNow, checking, can_check, is_added, dialogs } =
    useServiceActions(service)
  return (
    <>
      <DropdownMenu modal={false}>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={`Actions for ${service.name}`}
            className={cn('shrink-0', className)}
          >
            {checking ? <RefreshCw className="animate-spin" /> : <Ellipsis />}
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem onSelect={() => void startEdit()}>
            <Pencil aria-hidden /> Edit
          </DropdownMenuItem>
          <DropdownMenuItem disabled={!can_check || checking} onSelect={checkNow}>
            <RefreshCw aria-hidden /> {can_check ? 'Check now' : 'Check now (no status URL)'}
          </DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem tone="bad" onSelect={startDelete}>
            <Trash2 aria-hidden /> {is_added ? 'Delete' : 'Hide'}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      {dialogs}
    </>
  )
}
