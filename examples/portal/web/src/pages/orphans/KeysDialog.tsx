import { useId } from 'react'
import { Checkbox } from '@/components/ui/checkbox'
import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'

const keys: readonly [keys: readonly string[], what: string][] = [
  [['J', '↓'], 'The next one'],
  [['K', '↑'], 'The one before'],
  [['Enter'], 'Open its page'],
  [['A'], 'Assign it to a team'],
  [['C'], 'Confirm the suggested team'],
  [['R'], 'Reject the suggested team'],
  [['U'], 'Undo the last decision'],
  [['?'], 'Show these keys'],
]

export function KeysDialog({
  by_key,
  setByKey,
  close,
}: {
  by_key: boolean
  setByKey: (on: boolean) => void
  close: () => void
}) {
  const id = useId()
  return (
    <Dialog open onOpenChange={(open) => !open && close()}>
      <DialogContent className="max-w-md">
        <DialogHeader>
          <DialogTitle>Keys</DialogTitle>
          <DialogDescription>For whoever has many to settle.</DialogDescription>
        </DialogHeader>
        <DialogBody>
          <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-center gap-x-4 gap-y-2.5">
            {keys.map(([names, what]) => (
              <div key={what} className="col-span-2 grid grid-cols-subgrid items-center">
                <dt className="flex gap-1.5">
                  {names.map((name) => (
                    <kbd
                      key={name}
                      className="min-w-6 rounded border border-input bg-muted px-1.5 py-px text-center font-sans text-xs font-medium"
                    >
                      {name}
                    </kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <label htmlFor={id} className="mt-5 flex cursor-pointer items-start gap-2.5 border-t pt-4">
            <Checkbox
              id={id}
              className="mt-0.5"
              checked={by_key}
              onChange={(event) => setByKey(event.target.checked)}
            />
            <span>
              Use single letters
              <span className="block text-xs text-pretty text-muted-foreground">
                Switch them off where speech input or an unsteady hand presses them by chance.
              </span>
            </span>
          </label>
        </DialogBody>
      </DialogContent>
    </Dialog>
  )
}
