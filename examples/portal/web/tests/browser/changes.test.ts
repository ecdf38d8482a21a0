import { expect, type Served, seen, test, titled, until } from './bed'

const one = '/api/v1alpha/services/search/search-api'

/** Says something else about a service, and returns the revision that it made. */
async function describe(portal: Served, description: string): Promise<number> {
  const edited = await fetch(`${portal.url}${one}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json', 'If-Match': '*' },
    body: JSON.stringify({ description }),
  })
  expect(edited.status).toBe(200)
  const log = await fetch(`${portal.url}/api/v1alpha/changes?limit=1`)
  const { items } = (await log.json()) as { items: { revision: number }[] }
  return items[0]?.revision ?? 0
}

/** As the field for a time takes it, so many minutes from now. */
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16)

test('what is different between two revisions is what was between them', async ({ page, portal }) => {
  const [first, second, third] = [
    await describe(portal, 'Finds things'),
    await describe(portal, 'Finds products'),
    await describe(portal, 'Finds everything'),
  ] as const
  const differences = page.getByRole('main').getByRole('status').first()
  const change = page.getByRole('listitem').filter({ hasText: 'search-api' })
  await page.goto(`/changes?since=${first}&until=${second}`)
  await until(() => differences.innerText()).toBe('1 difference')
  await seen(change.getByText('Finds things'))
  await seen(change.getByText('Finds products'))
  expect(await change.getByText('Finds everything').count()).toBe(0)
  expect(await page.getByLabel('From', { exact: true }).inputValue()).toBe(String(first))
  expect(await page.getByLabel('Until', { exact: true }).inputValue()).toBe(String(second))

  // Two steps are one difference: from what it was to what it is.
  await page.goto(`/changes?since=${first}&until=${third}`)
  await seen(change.getByText(/2 steps/))
  await seen(change.getByText('Finds everything'))
  expect(await change.getByText('Finds products').count()).toBe(0)

  // Until now, and changed back: nothing is different.
  await describe(portal, 'Finds things')
  await page.goto(`/changes?since=${first}`)
  await seen(page.getByText('Nothing is different'))
})

test('both moments are chosen as times, and stand in the address', async ({ page }) => {
  await page.goto('/changes')
  await titled(page, 'Changes')
  const differences = page.getByRole('main').getByRole('status').first()
  await page.getByLabel('From', { exact: true }).selectOption('A date and time…')
  await page.getByLabel('From: date and time').fill(inMinutes(-600))
  await page.getByLabel('Until', { exact: true }).selectOption('A date and time…')
  await page.getByLabel('Until: date and time').fill(inMinutes(-500))
  // The demo was read after that.
  await seen(page.getByText('Nothing is different'))
  const asked = () => new URL(page.url()).searchParams
  expect([asked().has('since'), asked().has('until')]).toEqual([true, true])

  await page.getByLabel('Until: date and time').fill(inMinutes(5))
  await until(() => differences.innerText()).toMatch(/^\d{3} differences$/)
  const shown = await differences.innerText()
  await page.reload()
  await until(() => differences.innerText()).toBe(shown)
  expect(await page.getByLabel('Until', { exact: true }).inputValue()).toBe('time')

  await page.getByLabel('Until', { exact: true }).selectOption('Now')
  await until(() => asked().has('until')).toBe(false)
  // Each moment was one step, however often its field was changed.
  await page.goBack()
  await page.goBack()
  await until(() => asked().has('until')).toBe(false)
  await until(() => asked().has('since')).toBe(true)
  await page.goForward()
  await page.goForward()
  await until(() => asked().has('until')).toBe(false)
  await until(() => differences.innerText()).toBe(shown)
})
