import type { Download } from 'playwright-core'
import { axe, expect, seen, test, titled, until } from './bed'
import { filter, number } from './bed/actions'

const rows = (page: Parameters<typeof titled>[0]) => page.getByRole('table', { name: 'Resources' })
const total = (page: Parameters<typeof titled>[0]) =>
  number(page.getByRole('status').filter({ hasText: 'resource' }))

/** What was downloaded. The browser is another process: its file is read through it. */
async function read(download: Download): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of await download.createReadStream()) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

test('somebody who has never seen it finds the owner of a bucket in three steps', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Search everything' }).click()
  await page.getByRole('combobox').fill('prod-invoices')
  await page.getByRole('option', { name: /hazelmoor-prod-invoices/ }).click()
  await titled(page, 'hazelmoor-prod-invoices')
  const story = page.getByRole('region', { name: 'Who owns it, and why' })
  await seen(story.getByRole('link', { name: 'basket' }).first())
  await seen(story.getByText('Its tag Team says “Basket”'))
})

test('filters count, narrow, stand in the address, and go back', async ({ page }) => {
  await page.goto('/resources')
  await titled(page, 'Resources')
  const unowned = filter(page, 'Ownership', /^Unowned/)
  await seen(unowned)
  const all = await total(page)
  const label = page.getByRole('complementary', { name: 'Filters' }).locator('label', { hasText: 'Unowned' })
  const counted = await number(label)
  await unowned.check()
  await until(() => total(page)).toBe(counted)
  expect(new URL(page.url()).search).toBe('?ownership=unowned')
  await page.getByRole('searchbox', { name: 'Search resources' }).fill('hazelmoor')
  await until(() => total(page)).toBeLessThan(counted)
  await page.reload()
  await seen(page.getByRole('button', { name: 'Remove filter Ownership: Unowned' }))
  await until(() => total(page)).toBeLessThan(counted)
  await page.goBack()
  await until(() => total(page)).toBe(all)
})

test('any tag narrows the list, and sorting is kept', async ({ page }) => {
  await page.goto('/resources')
  const field = page.getByRole('combobox', { name: 'Add a tag to filter by' })
  await field.fill('Team=Payments Squad')
  await field.press('Enter')
  await seen(page.getByRole('button', { name: 'Remove filter Tag: Team=Payments Squad' }))
  await until(() => rows(page).getByRole('link', { name: 'payments', exact: true }).count()).toBeGreaterThan(
    0,
  )
  await rows(page).getByRole('button', { name: 'Type' }).click()
  await until(() => new URL(page.url()).searchParams.get('sort')).toBe('type')
  await page.reload()
  await seen(page.getByRole('columnheader', { name: 'Type' }))
  expect(await page.getByRole('columnheader', { name: 'Type' }).getAttribute('aria-sort')).toBe('ascending')
})

test('the exported file holds the whole filtered list, safe for spreadsheets', async ({ page, portal }) => {
  // What a person wrote may look like a formula.
  const id = encodeURIComponent('arn:aws:s3:::hazelmoor-jan-test')
  const written = await fetch(`${portal.url}/api/v1alpha/resources/${id}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', 'If-Match': '*' },
    body: JSON.stringify({ description: '=HYPERLINK("https://evil.example","a, b")' }),
  })
  expect(written.status).toBe(200)

  await page.goto('/resources?ownership=unowned')
  await until(() => total(page)).toBeGreaterThan(10)
  const expected = await total(page)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export CSV' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^resources-\d{4}-\d\d-\d\d-\d{4}\.csv$/)
  const text = (await read(download)).replace(/^\ufeff/, '')
  const lines = text.split('\r\n')
  expect(lines[0]).toMatch(/^ref,arn,name,type,account,/)
  expect(lines.at(-1)).toBe('')
  expect(lines.length - 2).toBe(expected)
  expect(text).toContain('"\'=HYPERLINK(""https://evil.example"",""a, b"")"')
  await seen(page.getByText(`${expected} resources exported`))
})

test('an export can be cancelled', async ({ page }) => {
  await page.route(/limit=500/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    await route.continue().catch(() => {})
  })
  await page.goto('/resources')
  await page.getByRole('button', { name: 'Export CSV' }).click()
  await seen(page.getByRole('progressbar', { name: 'Export' }))
  await page.getByRole('button', { name: 'Cancel the export' }).click()
  await seen(page.getByText('The export was cancelled'))
  await seen(page.getByRole('button', { name: 'Export CSV' }))
})

test('a list without a match says so, and leads out', async ({ page }) => {
  await page.goto('/resources?q=no-such-thing')
  await seen(page.getByText('No resource matches'))
  expect(await axe(page)).toEqual([])
  await page.getByRole('button', { name: 'Clear all filters' }).click()
  await until(() => total(page)).toBeGreaterThan(100)
})
