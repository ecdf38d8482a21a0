import { KeyRound } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { apiKey, rememberKey } from '@/api/connection'
import { queryClient } from '@/api/query'
import { Field } from '@/components/field'
import { Button } from '@/components/ui/button'
import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from '@/components/ui/dialog'
import { Input } from '@/components/ui/input'

const refusal = 'This key was not accepted.'

/** Asks for an API key where the portal runs with `--auth keys`, before there is anything to see. */
export function KeyGate() {
  return (
    <div className="mx-auto flex max-w-md flex-col gap-4 px-6 py-24">
      <KeyRound aria-hidden className="size-7 text-muted-foreground" strokeWidth={1.5} />
      <h1 className="text-title font-semibold">This portal asks for an API key</h1>
      <p className="text-muted-foreground">
        Whoever runs it makes one with <code className="font-mono text-xs">portal keys create</code>. It is
        kept in this tab only, and forgotten when the tab is closed.
      </p>
      <KeyForm entered={() => void queryClient.resetQueries()} refused={apiKey() !== null} />
    </div>
  )
}

/**
 * Asks for another key when the one that was good so far is no longer: above the page, which stays as it is with its
 * open forms. Nothing closes it but a key, because nothing can be read or saved without one.
 */
export function KeyDialog() {
  return (
    <Dialog open>
      <DialogContent
        className="max-w-md"
        closable={false}
        onEscapeKeyDown={(event) => event.preventDefault()}
        onCloseAutoFocus={(event) => {
          event.preventDefault()
          // A button that was pressed and then disabled has lost the focus; the form that it belongs to is still there.
          document.querySelector<HTMLElement>('[role=dialog] [type=submit]')?.focus()
        }}
      >
        <DialogHeader>
          <DialogTitle>Your API key is no longer accepted</DialogTitle>
          <DialogDescription>
            It was revoked, or has expired. With another one you go on where you are: what you typed is kept.
          </DialogDescription>
        </DialogHeader>
        <DialogBody>
          <KeyForm entered={() => void queryClient.invalidateQueries()} />
        </DialogBody>
      </DialogContent>
    </Dialog>
  )
}

function KeyForm({ entered, refused = false }: { entered: () => void; refused?: boolean }) {
  const [key, setKey] = useState('')
  const [problem, setProblem] = useState(refused && refusal)
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const takeFocus = () => form.current?.querySelector('input')?.focus()
  // It is all that can be done here.
  useEffect(takeFocus, [])

  const enter = async (event: FormEvent) => {
    event.preventDefault()
    const typed = key.trim()
    if (typed === '' || busy) return
    setBusy(true)
    const found = await problemWith(typed)
    setBusy(false)
    setProblem(found ?? false)
    if (found) return takeFocus()
    rememberKey(typed)
    entered()
  }
  return (
    <form ref={form} onSubmit={(event) => void enter(event)} className="flex flex-col gap-4">
      <Field label="API key" problem={problem}>
        {(props) => (
          <Input
            {...props}
            type="password"
            autoComplete="off"
            value={key}
            onChange={(event) => setKey(event.target.value)}
            placeholder="pk_…"
          />
        )}
      </Field>
      <Button type="submit" className="self-start">
        Continue
      </Button>
    </form>
  )
}

/** Asks with it before it is kept: a page that tried it would show nothing but failures. */
async function problemWith(key: string): Promise<string | null> {
  // Else it could not even be sent.
  if (!/^[\x21-\x7e]+$/.test(key)) return refusal
  const headers = { Authorization: `Bearer ${key}` }
  const answer = await fetch('/api/v1alpha/services?limit=1', { headers }).catch(() => null)
  if (!answer) return 'The portal does not answer.'
  return answer.status === 401 ? refusal : null
}
