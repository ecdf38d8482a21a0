// Debian's Chromium for the scripts of this folder and for the browser tests: quiet, and without a sandbox for root.
import { existsSync } from 'node:fs'

export function chromiumPath() {
  const path = process.env.PORTAL_TEST_CHROMIUM ?? '/usr/bin/chromium'
  if (existsSync(path)) return path
  throw new Error(
    `there is no ${path}: \`tools/setup browser\` installs it, or PORTAL_TEST_CHROMIUM names another one`,
  )
}

/** Nothing that Chromium would like to ask the world. */
export function chromiumFlags() {
  const quiet = [
    '--disable-background-networking',
    // Every window is looked at: one that lies behind another may not wait until nobody else needs the processor.
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
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
