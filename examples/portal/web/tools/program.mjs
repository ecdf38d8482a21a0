// The program `portal` that the scripts of this folder and the browser tests start.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const here = new URL('.', import.meta.url).pathname

/** `PORTAL_BIN`, else what `cargo build --workspace` made. */
export function programPath() {
  if (process.env.PORTAL_BIN) return process.env.PORTAL_BIN
  const asked = ['metadata', '--no-deps', '--format-version', '1']
  const metadata = execFileSync('cargo', asked, { cwd: here, maxBuffer: 64 * 1024 * 1024 })
  const path = join(JSON.parse(metadata.toString()).target_directory, 'debug/portal')
  if (existsSync(path)) return path
  throw new Error(`there is no ${path}: \`make demo\` builds it, or PORTAL_BIN names another one`)
}

/** Starts it, and waits until it is ready. */
export async function started(program, args, cwd) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  const said = []
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 100) said.push(line)
      const address = /^listening on (http:\S+)$/.exec(line)?.[1]
      if (address) resolve(address)
    })
    child.once('exit', (code) => reject(new Error(`portal ended with ${code}:\n${said.join('\n')}`)))
  })
  await ready(url)
  return { child, url }
}

/** It listens before it has read its store, and answers with 503 until then: a page that is early shows errors. */
async function ready(url) {
  const until = Date.now() + 60_000
  while (!(await fetch(`${url}/readyz`)).ok) {
    if (Date.now() > until) throw new Error(`${url} was not ready after a minute`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
