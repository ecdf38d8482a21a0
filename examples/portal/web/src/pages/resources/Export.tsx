import { Download, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { toast } from 'sonner'
import { told } from '@/api/problem'
import { resourcesPage } from '@/api/resources'
import type { Asked } from '@/api/services'
import { Button } from '@/components/ui/button'
import { csvOf } from '@/lib/csv'
import { count, counted } from '@/lib/time'
import { csv_columns } from './csv-columns'

/** Saves the whole filtered list as a file, however long it is; says how far it is, and stops when asked to. */
export function Export({ asked, total }: { asked: Asked; total: number }) {
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null)
  const running = useRef<AbortController | null>(null)
  // Whoever leaves the page does not wait for its file.
  useEffect(() => () => running.current?.abort(), [])

  const run = async () => {
    const abort = new AbortController()
    running.current = abort
    setProgress({ done: 0, total })
    let saved = 0
    try {
      const parts = await csvOf(
        csv_columns,
        (cursor) => resourcesPage(asked, cursor, abort.signal),
        (done, total) => {
          saved = done
          setProgress({ done, total })
        },
      )
      if (abort.signal.aborted) return
      save(new Blob(parts, { type: 'text/csv;charset=utf-8' }), fileName(new Date()))
      toast.success(`${counted(saved, 'resource')} exported`)
    } catch (error) {
      if (abort.signal.aborted) toast('The export was cancelled')
      else toast.error('The export did not come to its end', { description: told(error) })
    } finally {
      if (running.current === abort) running.current = null
      setProgress(null)
    }
  }

  if (progress) {
    const percent = progress.total === 0 ? 0 : Math.floor((progress.done / progress.total) * 100)
    return (
      <div className="flex h-9 items-center gap-2 rounded-md border border-input bg-card pr-1 pl-3">
        <progress
          aria-label="Export"
          aria-valuetext={`${count(progress.done)} of ${count(progress.total)} resources`}
          value={progress.done}
          max={Math.max(1, progress.total)}
          className="h-1.5 w-20 overflow-hidden rounded-full bg-muted accent-primary"
        />
        <span className="w-9 text-right text-xs text-muted-foreground tabular-nums">{percent} %</span>
        <Button
          variant="ghost"
          size="inline"
          className="p-1.5"
          aria-label="Cancel the export"
          title="Cancel the export"
          onClick={() => running.current?.abort()}
        >
          <X />
        </Button>
      </div>
    )
  }
  return (
    <Button variant="outline" onClick={() => void run()} disabled={total === 0}>
      <Download aria-hidden /> Export CSV
    </Button>
  )
}

/** `resources-2026-01-31-1430.csv`: two exports of one day are two files. */
function fileName(now: Date) {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
  return `resources-${day}-${two(now.getHours())}${two(now.getMinutes())}.csv`
}

function save(file: Blob, name: string) {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Not at once: the browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
