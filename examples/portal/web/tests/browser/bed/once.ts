/** Made once for a whole run: a store with the demo's estate, and a Chromium that every file opens windows in. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { chromiumFlags, chromiumPath } from '../../../tools/chromium.mjs'
import { programPath } from '../../../tools/program.mjs'

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
  const program = programPath()
  if (!existsSync(join(web, 'dist/index.html')))
    throw new Error('the page is not built: `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'portal-browser-'))
  execFileSync(
    program,
    ['demo', '--no-serve', '--store', `sqlite:${folder}/demo.db`, '--lake', `${folder}/demo-lake`],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const server = await chromium.launchServer({ executablePath: chromiumPath(), args: chromiumFlags() })
  provide('program', program)
  provide('folder', folder)
  provide('browser', server.wsEndpoint())
  return async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
