/** A `portal serve` of a file's own, on a port and with a store of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'

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
  /** Runs a command of the program on the same store: `portal('ingest', …)`. */
  portal: (...args: string[]) => string
  stop: () => Promise<void>
}

export interface ServeOptions {
  /** Without it the store begins with the demo's estate. */
  empty?: true
  /** What its portal.toml holds. */
  config?: string
}

export async function serve({ empty, config = '' }: ServeOptions = {}): Promise<Served> {
  const folder = mkdtempSync(join(inject('folder'), 'served-'))
  if (!empty) copyFileSync(join(inject('folder'), 'demo.db'), join(folder, 'portal.db'))
  writeFileSync(join(folder, 'portal.toml'), config)
  const program = inject('program')
  const common = ['--store', 'sqlite:portal.db', '--lake', 'lake']
  let process: ChildProcess
  let url = ''

  const start = async (listen: string) => {
    process = spawn(program, ['serve', '--listen', listen, ...common], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    url = await listening(process)
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (process.exitCode !== null || process.signalCode !== null) return
    const ended = new Promise((resolve) => process.once('exit', resolve))
    process.kill(signal)
    // One that is frozen hears nothing else.
    process.kill('SIGCONT')
    await ended
  }
  const portal = (...args: string[]) =>
    execFileSync(program, [...args, ...common], { cwd: folder }).toString()
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
    stop: () => end('SIGKILL'),
  }
}

/** The address in the line that the program writes when it listens. */
function listening(process: ChildProcess): Promise<string> {
  if (!process.stderr) throw new Error('its standard error is piped')
  const lines = createInterface({ input: process.stderr })
  const said: string[] = []
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line)
      const address = /^listening on (http:\S+)$/.exec(line)?.[1]
      if (address) resolve(address)
    })
    process.once('exit', (code) => reject(new Error(`portal ended with ${code}:\n${said.join('\n')}`)))
  })
}
