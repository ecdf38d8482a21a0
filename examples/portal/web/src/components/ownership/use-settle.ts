import { useCallback, useState } from 'react'
import { toast } from 'sonner'
import type { Versioned } from '@/api/client'
import { told } from '@/api/problem'
import { queryClient } from '@/api/query'
import { type Decision, newestOf, SettledElsewhere, settle, type Thing } from '@/api/settle'

const words: Record<Decision['action'], (name: string, team: string) => string> = {
  assign: (name, team) => `${name} belongs to ${team} now`,
  confirm: (name, team) => `${name} belongs to ${team} now`,
  reject: (name, team) => `${team} is not suggested for ${name} any more`,
}

export interface Settled {
  ref: string
  undo: () => Promise<void>
}

/** Settles who owns something, says so in a toast with a way back, and brings the page up to date. */
export function useSettle({
  settled,
  reopened,
}: {
  /** Called at once, before the answer of the server. */
  settled?: (ref: string) => void
  /** It was not written after all, or it was taken back. */
  reopened?: (ref: string) => void
} = {}) {
  const [done, setDone] = useState(0)
  const [last, setLast] = useState<Settled | null>(null)
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set())

  const run = useCallback(
    async (seen: Versioned<Thing> | { data: Thing; etag?: undefined }, decision: Decision) => {
      const { ref, display_name } = seen.data
      // Who says that a suggestion is wrong has not said whose it is: that question stays.
      const settles = decision.action !== 'reject'
      if (settles) settled?.(ref)
      setBusy((before) => new Set([...before, ref]))
      try {
        // A summary has no version: the whole is read first.
        const version = seen.etag === undefined ? await newestOf(seen.data) : seen
        const take_back = await settle(version, decision)
        const undo = async () => {
          setLast((now) => (now?.ref === ref ? null : now))
          try {
            await take_back()
            reopened?.(ref)
            if (settles) setDone((n) => n - 1)
            toast.success(`Taken back: ${display_name}`)
          } catch (error) {
            toast.error(`${display_name} was not taken back`, { description: told(error) })
          }
          void queryClient.invalidateQueries()
        }
        setLast({ ref, undo })
        if (settles) setDone((n) => n + 1)
        toast.success(words[decision.action](display_name, decision.team), {
          duration: 8000,
          action: { label: 'Undo', onClick: () => void undo() },
        })
      } catch (error) {
        reopened?.(ref)
        if (error instanceof SettledElsewhere)
          toast.warning(`${display_name} was left as it is`, { description: error.message })
        else toast.error(`${display_name} was not changed`, { description: told(error) })
      } finally {
        setBusy((before) => new Set([...before].filter((one) => one !== ref)))
        void queryClient.invalidateQueries()
      }
    },
    [settled, reopened],
  )
  return { run, last, busy, done }
}
