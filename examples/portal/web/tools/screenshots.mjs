// Makes the pictures in docs/ that README.md shows: `npm run screenshots`, after `npm run build` and a build of the
// program. The estate is the demo's, with a few words that people would have written.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { chromiumFlags, chromiumPath } from './chromium.mjs'
import { programPath, started } from './program.mjs'

const docs = new URL('../../../../docs/', import.meta.url).pathname
const most_kb = 200

/** Name, address, and who may want to be pressed before. */
const pages = [
  { name: 'overview', path: '/' },
  { name: 'services', path: '/services' },
  { name: 'service', path: '/services/checkout/order-api' },
  { name: 'resources', path: '/resources?ownership=unowned&ownership=unregistered' },
  {
    name: 'resource',
    path: `/resources/${encodeURIComponent('arn:aws:rds:eu-west-1:777788889999:db:payments-ledger-prod')}`,
  },
  { name: 'team', path: '/teams/payments' },
  { name: 'orphans', path: '/orphans', act: suggested },
  { name: 'graph', path: `/graph?ref=${encodeURIComponent('service:checkout/order-api')}` },
  { name: 'changes', path: '/changes' },
  { name: 'sources', path: '/sources' },
]

const said = {
  'checkout/order-api': {
    description:
      'Takes orders from the basket, reserves stock and payment, and tells everybody who has to know.',
    docs_url: 'https://docs.hazelmoor.example/orders',
    github_url: 'https://git.hazelmoor.example/checkout/order-api',
    dashboard_url: 'https://graphs.hazelmoor.example/d/orders',
  },
  'payments/payments-api': {
    description: 'Authorises and captures payments with the three providers.',
    docs_url: 'https://docs.hazelmoor.example/payments',
    github_url: 'https://git.hazelmoor.example/payments/payments-api',
  },
  'checkout/basket-api': {
    description: 'Baskets of visitors and customers, and what they are worth right now.',
    github_url: 'https://git.hazelmoor.example/basket/basket-api',
  },
  'catalogue/catalogue-api': {
    description: 'Everything that can be bought: texts, pictures, dimensions.',
    docs_url: 'https://docs.hazelmoor.example/catalogue',
  },
}

const folder = mkdtempSync(join(tmpdir(), 'portal-screenshots-'))
const where = ['--store', 'sqlite:portal.db', '--lake', 'lake']
const { child, url } = await started(programPath(), ['demo', '--listen', '127.0.0.1:0', ...where], folder)
let browser
try {
  await ready()
  await write()
  browser = await chromium.launch({ executablePath: chromiumPath(), args: chromiumFlags() })
  mkdirSync(docs, { recursive: true })
  const wanted = process.argv.slice(2)
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({
      baseURL: url,
      viewport: { width: 1280, height: 800 },
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'UTC',
    })
    const page = await context.newPage()
    for (const { name, path, act } of pages) {
      if (wanted.length > 0 && !wanted.includes(name)) continue
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await settled(page)
      await act?.(page)
      const file = join(docs, `${name}-${theme}.png`)
      await page.screenshot({ path: file })
      const kb = statSync(file).size / 1000
      console.log(`${kb.toFixed(0).padStart(5)} kB docs/${name}-${theme}.png`)
      if (kb > most_kb) throw new Error(`${file} has more than ${most_kb} kB`)
    }
    await context.close()
  }
} finally {
  await browser?.close()
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

/** Goes down the list to one that somebody is suggested for. */
async function suggested(page) {
  await page.getByRole('list').getByRole('button').first().focus()
  const name = page.getByRole('article').getByRole('heading', { level: 2 })
  for (let step = 0; step < 40 && (await name.textContent()) !== 'payment-archive'; step += 1) {
    await page.keyboard.press('ArrowDown')
    await page.waitForTimeout(100)
  }
  await page.getByText(/^Maybe/).waitFor()
  await settled(page)
}

/** Nothing loads any more, and what moves has come to rest. */
async function settled(page) {
  await page.waitForFunction(() => document.querySelector('.animate-breathe') === null)
  await page.waitForTimeout(600)
}

/** The portal answers, and has checked often enough to say that the demo's one service that is down is down. */
async function ready() {
  for (let tries = 0; tries < 900; tries += 1) {
    const answer = await fetch(`${url}/api/v1alpha/services?status=down&limit=1`).catch(() => null)
    if (answer?.ok && (await answer.json()).total > 0) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('no service was found to be down in a minute and a half')
}

/** What people say about a few services. */
async function write() {
  for (const [at, edit] of Object.entries(said)) {
    const one = `${url}/api/v1alpha/services/${at}`
    const known = await fetch(one)
    if (!known.ok) throw new Error(`there is no ${at} in the demo`)
    const headers = { 'If-Match': known.headers.get('ETag') ?? '*', 'Content-Type': 'application/json' }
    const answer = await fetch(one, { method: 'PATCH', headers, body: JSON.stringify(edit) })
    if (!answer.ok) throw new Error(`${at}: ${answer.status} ${await answer.text()}`)
    // Those with a status URL have a history then; the others say that they have none.
    await fetch(`${one}/check`, { method: 'POST' })
  }
}
