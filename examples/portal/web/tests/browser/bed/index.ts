/**
 * What every browser test is written with: `page`, a window on a portal of the file's own. After each test it fails for
 * an error in the console, an error of a script, and a request to another host, whatever else the test looked at.
 *
 * Look for things by role and label, as a person does.
 */
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { test as base, expect, inject } from 'vitest'
import { type Served, type ServeOptions, serve } from './portal'

export { expect } from 'vitest'
export { axe } from './axe'
export type { Served } from './portal'

export interface WindowOptions {
  /** Pixels; a laptop's, without it. */
  width?: number
  height?: number
  theme?: 'light' | 'dark'
}

export interface Bed {
  /** What the file's portal is started with; a file may set it with `test.override`. */
  options: ServeOptions
  /** Everything of the file shares one. */
  portal: Served
  browser: Browser
  /** Errors that a test makes on purpose. */
  allow: (error: RegExp) => void
  /** Opens one more window, with storage of its own: another person. */
  open: (options?: WindowOptions) => Promise<Page>
  page: Page
}

/** Longer than anything takes, also on two cores that build something at the same time. */
const patience_ms = 20_000

export const test = base.extend<Bed>({
  options: [{}, { scope: 'file' }],
  portal: [
    async ({ options }, use) => {
      const portal = await serve(options)
      await use(portal)
      await portal.stop()
    },
    { scope: 'file' },
  ],
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: what a fixture needs is read from its pattern
    async ({}, use) => {
      const browser = await chromium.connect(inject('browser'))
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: as above
  allow: async ({}, use) => {
    const allowed: RegExp[] = []
    await use(Object.assign((error: RegExp) => void allowed.push(error), { allowed }))
  },
  open: async ({ browser, portal, allow }, use) => {
    const contexts: BrowserContext[] = []
    const problems: string[] = []
    await use(async ({ width = 1280, height = 900, theme = 'light' } = {}) => {
      const context = await browser.newContext({
        baseURL: portal.url,
        viewport: { width, height },
        colorScheme: theme,
        reducedMotion: 'reduce',
        locale: 'en-GB',
        timezoneId: 'UTC',
        permissions: ['clipboard-read', 'clipboard-write'],
      })
      contexts.push(context)
      context.setDefaultTimeout(patience_ms)
      watch(context, portal.url, problems)
      return context.newPage()
    })
    await Promise.all(contexts.map((context) => context.close()))
    const { allowed } = allow as typeof allow & { allowed: RegExp[] }
    expect(problems.filter((problem) => !allowed.some((pattern) => pattern.test(problem)))).toEqual([])
  },
  page: async ({ open }, use) => use(await open()),
})

function watch(context: BrowserContext, url: string, problems: string[]) {
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => problems.push(`script: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (origin !== url && protocol !== 'data:' && protocol !== 'blob:')
      problems.push(`request to ${request.url()}`)
  })
}

/** Waits until it is there and can be seen. */
export const seen = (locator: Locator) => locator.waitFor({ state: 'visible' })

/** Waits until it is gone. */
export const gone = (locator: Locator) => locator.waitFor({ state: 'hidden' })

/** Waits until something holds. */
export const until = <T>(read: () => Promise<T> | T) =>
  expect.poll(read, { timeout: patience_ms, interval: 50 })

/** The page's title, which is there when the page is. */
export const titled = (page: Page, name: string | RegExp) =>
  seen(page.getByRole('heading', { level: 1, name, exact: typeof name === 'string' }))
