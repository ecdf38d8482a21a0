// Measures the page of a portal that runs: `npm run measure -- http://127.0.0.1:8080`. Times are of this machine, from
// the first byte that is asked for, with an empty cache; each is the median of several runs.
import { chromium } from 'playwright-core'
import { chromiumFlags, chromiumPath } from './chromium.mjs'

const url = process.argv[2]
const runs = Number(process.argv[3] ?? 5)
if (!url || !Number.isInteger(runs) || runs < 1) {
  console.error('usage: npm run measure -- URL [RUNS]\n  the portal there should hold many resources')
  process.exit(2)
}

const browser = await chromium.launch({ executablePath: chromiumPath(), args: chromiumFlags() })
const figures = new Map()
try {
  for (let run = 0; run < runs; run += 1) {
    await firstLoad('overview', '/', 'Overview')
    await firstLoad('services', '/services', 'Services')
    await bigList()
  }
} finally {
  await browser.close()
}
for (const [name, { unit, values }] of figures) {
  const sorted = values.toSorted((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)]
  console.log(
    `${name.padEnd(58)} ${median.toFixed(0).padStart(6)} ${unit}   (${sorted[0].toFixed(0)} - ${sorted.at(-1).toFixed(0)})`,
  )
}

function note(name, value, unit) {
  const figure = figures.get(name) ?? { unit, values: [] }
  figure.values.push(value)
  figures.set(name, figure)
}

/** A window with nothing in its cache, which counts the bytes of scripts as they come over the wire. */
async function fresh() {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const network = await context.newCDPSession(page)
  await network.send('Network.enable')
  const scripts = new Set()
  const bytes = { script: 0 }
  network.on('Network.responseReceived', ({ requestId, type }) => {
    if (type === 'Script') scripts.add(requestId)
  })
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes.script += encodedDataLength
  })
  return { context, page, bytes }
}

async function firstLoad(name, path, title) {
  const { context, page, bytes } = await fresh()
  await page.goto(path)
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  await page.waitForFunction(() => document.querySelector('.animate-breathe') === null)
  note(`${name}: compressed script of a first load`, bytes.script / 1000, 'kB')
  note(`${name}: until nothing loads any more`, await page.evaluate(() => performance.now()), 'ms')
  await context.close()
}

/** The list of resources: there, scrolled to its end, and narrowed by typing. */
async function bigList() {
  const { context, page } = await fresh()
  await page.goto('/resources')
  await firstRow(page)
  // Interactive: a row is there, and the next frame is drawn, so nothing holds the page up.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
  const rows = Number(await page.getByRole('table').first().getAttribute('aria-rowcount')) - 1
  note(
    `resources (${rows.toLocaleString('en')}): until interactive`,
    await page.evaluate(() => performance.now()),
    'ms',
  )

  const frames = await page.evaluate(scrollFor, 2000)
  note(`resources: frame while scrolling, 95 of 100 take at most`, frames.p95, 'ms')
  note(`resources: longest frame while scrolling`, frames.longest, 'ms')

  await page.evaluate(() => scrollTo(0, 0))
  const search = page.getByRole('searchbox').first()
  const before = await page.getByRole('table').first().getAttribute('aria-rowcount')
  await search.focus()
  const started = await page.evaluate(() => performance.now())
  await page.keyboard.type('prod')
  await page.waitForFunction(
    (before) => document.querySelector('table')?.getAttribute('aria-rowcount') !== before,
    before,
  )
  note(
    'resources: from the first letter to what was found',
    (await page.evaluate(() => performance.now())) - started,
    'ms',
  )
  await context.close()
}

async function firstRow(page) {
  await page.locator('tbody tr[data-index] a').first().waitFor()
}

/** Scrolls as a wheel does, and looks at how long the frames took. */
async function scrollFor(ms) {
  const frames = []
  let last = performance.now()
  const end = last + ms
  while (last < end) {
    scrollBy(0, 120)
    const now = await new Promise(requestAnimationFrame)
    frames.push(now - last)
    last = now
  }
  frames.sort((one, other) => one - other)
  return { p95: frames[Math.floor(frames.length * 0.95)], longest: frames.at(-1) }
}
