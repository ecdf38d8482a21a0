import { KeyRound } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { apiKey, rememberKey } from '@/api/connection'
import { queryClient } from '@/api/query'
import { Field } from '@/components/field'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'

/** Asks for an API key where the portal runs with `--auth keys`. */
export function KeyGate() {
  const [key, setKey] = useState('')
  const refused = apiKey() !== null
  const form = useRef<HTMLFormElement>(null)
  // It is all that can be done here. A key that was refused brings a new gate, which would leave the focus nowhere.
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  const enter = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() === '') return
    rememberKey(key.trim())
    void queryClient.resetQueries()
  }
  return (
    <div className="mx-auto flex max-w-md flex-col gap-4 px-6 py-24">
      <KeyRound aria-hidden className="size-7 text-muted-foreground" strokeWidth={1.5} />
      <h1 className="text-title font-semibold">This portal asks for an API key</h1>
      <p className="text-muted-foreground">
        Whoever runs it makes one with <code className="font-mono text-xs">portal keys create</code>. It is
        kept in this tab only, and forgotten when the tab is closed.
      </p>
      <form ref={form} onSubmit={enter} className="flex flex-col gap-4">
        <Field label="API key" problem={refused && 'This key was not accepted.'}>
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
    </div>
  )
}
