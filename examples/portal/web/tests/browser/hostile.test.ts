import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, seen, test, titled } from './bed'
import { ingest, textbox, toasted } from './bed/actions'

const image = '<img src=x onerror="window.pwned=1">'
const script = '"><script>window.pwned=2</script>'

/** Nothing of it ran, and nothing of it became an element. */
async function harmless(page: Page) {
  expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined()
  expect(await page.locator('img[src="x"]').count()).toBe(0)
  expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0)
}

test('what people type is text wherever it is shown', async ({ page }) => {
  await page.goto('/services')
  await page.getByRole('button', { name: 'Add service' }).click()
  const adding = page.getByRole('dialog', { name: 'Add a service' })
  await textbox(adding, 'Name').fill('hostile')
  await textbox(adding, 'Description').fill(`${image}${script}`)
  await textbox(adding, 'Tags').fill(`note=${image}`)
  await adding.getByRole('button', { name: 'Add service' }).click()
  await toasted(page, 'hostile was added')
  await page.getByRole('searchbox', { name: 'Search services' }).fill('hostile')
  const card = page.getByRole('article', { name: 'hostile' })
  await seen(card.getByText(image, { exact: false }).first())
  await harmless(page)
  await card.getByRole('link', { name: 'hostile', exact: true }).click()
  await titled(page, 'hostile')
  await seen(page.getByText(`note=${image}`).first())
  await harmless(page)
  await page.keyboard.press('Control+k')
  await seen(page.getByRole('combobox'))
  await page.keyboard.type('hostile')
  await seen(page.getByRole('option', { name: /hostile/ }).first())
  await harmless(page)
})

test('what sources bring is text wherever it is shown', async ({ page, portal }) => {
  const folder = join(portal.folder, 'lake/aws-collector/111122223333/eu-west-1')
  mkdirSync(folder, { recursive: true })
  const read = (...tags: [key: string, value: string][]) => {
    const bucket = { Name: 'hostile-bucket', Tags: tags.map(([Key, Value]) => ({ Key, Value })) }
    writeFileSync(join(folder, 's3.json'), JSON.stringify([bucket]))
    return ingest(portal)
  }
  const before = read(['team', image])
  read(['team', image], [script, script])

  await page.goto(`/resources/${encodeURIComponent('arn:aws:s3:::hostile-bucket')}`)
  await titled(page, 'hostile-bucket')
  await seen(page.getByText(`says “${image}”`).first())
  await seen(page.getByText(script).first())
  await harmless(page)

  await page.goto('/resources?q=hostile-bucket')
  await seen(page.getByRole('table', { name: 'Resources' }).getByRole('link', { name: 'hostile-bucket' }))
  await harmless(page)

  // What is new within the hour is named; what was changed since stands there letter by letter.
  const changes = page.getByRole('region', { name: 'Without a team' })
  await page.goto('/changes?since=1h&q=hostile')
  await seen(changes.getByRole('link', { name: 'hostile-bucket' }))
  await harmless(page)
  await page.goto(`/changes?since=${before}&q=hostile`)
  await seen(changes.getByText(`${script}=${script}`))
  await harmless(page)

  await page.goto('/orphans?q=hostile')
  const orphan = page.getByRole('article')
  await seen(orphan.getByRole('heading', { name: 'hostile-bucket' }))
  await seen(orphan.getByText(`says “${image}”`))
  await seen(orphan.getByText(`${script}=${script}`))
  await harmless(page)

  // A portal without a configuration knows no team: most claims name one that nobody knows, and this one comes late.
  await page.goto('/findings?kind=unknown-team')
  await page.getByRole('button', { name: /^Show more of/ }).click()
  const finding = page.getByRole('listitem').filter({ hasText: 'hostile-bucket' })
  await seen(finding.locator('code', { hasText: image }))
  await harmless(page)
})

test('a link that is no web address is no link', async ({ page }) => {
  // The API takes none; what an older portal or another program wrote is shown all the same.
  await page.route('**/api/v1alpha/services/search/search-api', async (route) => {
    const answer = await route.fetch()
    const service = await answer.json()
    await route.fulfill({
      response: answer,
      json: {
        ...service,
        docs_url: 'javascript:window.pwned=3',
        github_url: 'JaVaScRiPt://x.example/%0awindow.pwned=4',
        links: [
          { title: 'Runbook', url: 'data:text/html,<script>window.pwned=5</script>' },
          { title: 'Wiki', url: 'https://wiki.hazelmoor.example/search' },
        ],
      },
    })
  })
  await page.goto('/services/search/search-api')
  await titled(page, 'search-api')
  await seen(page.getByRole('link', { name: /Wiki/ }))
  for (const name of [/Documentation/, /Repository/, /Runbook/])
    expect(await page.getByRole('link', { name }).count()).toBe(0)
  await harmless(page)
})
