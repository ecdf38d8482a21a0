/** A `portal serve` of a file's own, on a port and with a store of its own. */
import { type ChildProcess, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { started } from '../../../tools/program.mjs'

export interface Served {
  url: string
  /** Holds its store, and what else a test puts there. */
  folder: string
  /** Ends the process, as a power cut would. */
  kill: () => Promise<void>
  /** Starts it again, on the same port and store. */
  again: () => Promise<void>
  /** It no longer answers, and its connections stay open. */
  freeze: () => void
  thaw: () => void
  /** Runs a command of the program on the same store: `portal('ingest')`. */
  portal: (...args: string[]) => string
  /** The same for one that ends with 3: something was partial, denied or held. */
  held: (...args: string[]) => void
  stop: () => Promise<void>
}

export interface ServeOptions {
  /** Without it the store begins with the demo's estate. */
  empty?: true
  /** What its portal.toml holds. */
  config?: string
  /** What it is told besides, such as `--auth keys`. */
  args?: string[]
}

export async function serve({ empty, config = '', args = [] }: ServeOptions = {}): Promise<Served> {
  const folder = mkdtempSync(join(inject('folder'), 'served-'))
  if (!empty) copyFileSync(join(inject('folder'), 'demo.db'), join(folder, 'portal.db'))
  writeFileSync(join(folder, 'portal.toml'), config)
  const program = inject('program')
  const common = ['--store', 'sqlite:portal.db', '--lake', 'lake']
  let process: ChildProcess
  let url = ''

  const start = async (listen: string) => {
    const running = await started(program, ['serve', '--listen', listen, ...args, ...common], folder)
    process = running.child
    url = running.url
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (process.exitCode !== null || process.signalCode !== null) return
    const ended = new Promise((resolve) => process.once('exit', resolve))
    process.kill(signal)
    // One that is frozen hears nothing else.
    process.kill('SIGCONT')
    await ended
  }
  // 3 is done as well: the demo has sources that cannot be read whole.
  const portal = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, [...args, ...common], { cwd: folder })
    if (status !== 0 && status !== 3) throw new Error(`it ended with ${status}:\n${stderr}`)
    return stdout.toString()
  }
  const held = (...args: string[]) => {
    const { status, stderr } = spawnSync(program, [...args, ...common], { cwd: folder })
    if (status !== 3) throw new Error(`it ended with ${status} and not with 3:\n${stderr}`)
  }
  if (empty) portal('migrate')
  await start('127.0.0.1:0')
  return {
    url,
    folder,
    kill: () => end('SIGKILL'),
    again: () => start(new URL(url).host),
    freeze: () => process.kill('SIGSTOP'),
    thaw: () => process.kill('SIGCONT'),
    portal,
    held,
    stop: () => end('SIGKILL'),
  }
}
