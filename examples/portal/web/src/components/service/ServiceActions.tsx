import { Eye, EyeOff, Pencil, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import type { Versioned } from '@/api/client'
import { told } from '@/api/problem'
import { queryClient } from '@/api/query'
import { type Service, serviceQuery, useCheckService, useDeleteService, useShowService } from '@/api/services'
import { Confirm } from '../confirm'
import { MenuButton, type MenuItem, MenuItems, type OpenMenu } from '../menu'
import { focusTitle } from '../page'
import { statuses } from '../status'
import { ServiceDialog } from './ServiceDialog'

/** What can be done with a service, with its dialogs: the same on a card, in a row and on its page. */
export function useServiceActions(service: Service, deleted: () => void) {
  const [editing, edit] = useState<Versioned<Service> | null>(null)
  const [deleting, setDeleting] = useState(false)
  const check = useCheckService()
  const remove = useDeleteService()
  const show = useShowService()
  const is_added = service.origin === 'manual'

  /** Reads the whole service first: the form needs its newest words and their version. */
  const startEdit = () =>
    queryClient
      .fetchQuery({ ...serviceQuery(service), staleTime: 0 })
      .then(edit, (error: unknown) =>
        toast.error(`${service.name} could not be read`, { description: told(error) }),
      )
  const checkNow = () =>
    check.mutateAsync(service).then(
      ({ status }) => toast.success(`${service.name}: ${statuses[status].word.toLowerCase()}`),
      (error: unknown) => toast.error(`${service.name} was not checked`, { description: told(error) }),
    )
  const showAgain = () =>
    show.mutateAsync(service).then(
      () => toast.success(`${service.name} is shown again`),
      (error: unknown) => toast.error(`${service.name} is still hidden`, { description: told(error) }),
    )
  // Promises, and not the callbacks of `mutate`: those are not called once the card is gone, which a deletion brings.
  const runDelete = () =>
    remove.mutateAsync(service).then(
      () => {
        setDeleting(false)
        if (is_added) toast.success(`${service.name} was deleted`)
        else
          toast.success(`${service.name} was hidden`, {
            action: { label: 'Undo', onClick: () => void showAgain() },
          })
        deleted()
      },
      (error: unknown) => toast.error(`${service.name} was not deleted`, { description: told(error) }),
    )

  return {
    startEdit,
    startDelete: () => setDeleting(true),
    checkNow,
    checking: check.isPending,
    can_check: Boolean(service.status_url),
    showAgain,
    showing: show.isPending,
    is_added,
    dialogs: (
      <>
        {editing && <ServiceDialog version={editing} close={() => edit(null)} />}
        <Confirm
          open={deleting}
          close={() => setDeleting(false)}
          title={is_added ? `Delete ${service.name}?` : `Hide ${service.name}?`}
          action={is_added ? 'Delete' : 'Hide'}
          run={() => void runDelete()}
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
  return (
    <MenuButton label={`Actions for ${service.name}`} {...(className && { className })}>
      {(menu) => <Items service={service} menu={menu} />}
    </MenuButton>
  )
}

function Items({ service, menu }: { service: Service; menu: OpenMenu }) {
  const actions = useServiceActions(service, focusTitle)
  const items: MenuItem[] = [
    { word: 'Edit', icon: Pencil, run: () => void actions.startEdit() },
    {
      word: actions.can_check ? 'Check now' : 'Check now (no status URL)',
      icon: RefreshCw,
      run: () => void actions.checkNow(),
      disabled: !actions.can_check || actions.checking,
    },
    service.hidden
      ? {
          word: 'Show again',
          icon: Eye,
          run: () => void actions.showAgain(),
          disabled: actions.showing,
        }
      : actions.is_added
        ? { word: 'Delete', icon: Trash2, run: actions.startDelete, tone: 'bad' }
        : { word: 'Hide', icon: EyeOff, run: actions.startDelete, tone: 'bad' },
  ]
  return (
    <>
      <MenuItems menu={menu} items={items} />
      {actions.dialogs}
    </>
  )
}
