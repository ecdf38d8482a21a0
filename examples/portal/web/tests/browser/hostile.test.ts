import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, seen, test, titled } from './bed'
import { textbox, toasted } from './bed/actions'

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
  const bucket = {
    Name: 'hostile-bucket',
    Tags: [
      { Key: 'team', Value: image },
      { Key: script, Value: script },
    ],
  }
  writeFileSync(join(folder, 's3.json'), JSON.stringify([bucket]))
  portal.portal('ingest')
  for (const path of [
    `/resources/${encodeURIComponent('arn:aws:s3:::hostile-bucket')}`,
    '/resources?q=hostile-bucket',
  ]) {
    await page.goto(path)
    await seen(page.getByText('hostile-bucket').first())
    await harmless(page)
  }
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
