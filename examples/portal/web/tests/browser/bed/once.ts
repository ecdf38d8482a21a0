/** Made once for a whole run: a store with the demo's estate, and a Chromium that every file opens windows in. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The program `portal`. */
    program: string
    /** A folder with `demo.db`, and for what the files make. It goes when the run ends. */
    folder: string
    /** Where the browser listens. */
    browser: string
  }
}

const web = new URL('../../../', import.meta.url).pathname

export default async function once({ provide }: TestProject) {
  const program = programOf()
  if (!existsSync(join(web, 'dist/index.html')))
    throw new Error('the page is not built: `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'portal-browser-'))
  execFileSync(
    program,
    ['demo', '--no-serve', '--store', `sqlite:${folder}/demo.db`, '--lake', `${folder}/demo-lake`],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const server = await chromium.launchServer({ executablePath: chromiumOf(), args: flags() })
  provide('program', program)
  provide('folder', folder)
  provide('browser', server.wsEndpoint())
  return async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `PORTAL_BIN`, else what `cargo build --workspace` made. */
function programOf() {
  const named = process.env.PORTAL_BIN
  if (named) return named
  const metadata = execFileSync('cargo', ['metadata', '--no-deps', '--format-version', '1'], {
    cwd: web,
    maxBuffer: 64 * 1024 * 1024,
  })
  const program = join(JSON.parse(metadata.toString()).target_directory, 'debug/portal')
  if (existsSync(program)) return program
  throw new Error(`there is no ${program}: \`make test\` builds it first, or PORTAL_BIN names another one`)
}

export function chromiumOf() {
  const path = process.env.PORTAL_TEST_CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(path))
    throw new Error(
      `there is no ${path}: \`tools/setup browser\` installs it, or PORTAL_TEST_CHROMIUM names another one`,
    )
  return path
}

/** Nothing that Chromium would like to ask the world; its sandbox does not work for root. */
export function flags() {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-gpu',
    // Where /dev/shm is small, as in containers.
    '--disable-dev-shm-usage',
  ]
  return process.getuid?.() === 0 ? [...quiet, '--no-sandbox'] : quiet
}
