import { expect, seen, test, titled, until } from './bed'
import { number } from './bed/actions'

test('each number of the overview leads to what it counts', async ({ page }) => {
  await page.goto('/')
  await titled(page, 'Overview')
  const numbers = page.getByRole('list', { name: 'Numbers that matter' })

  const unwell = numbers.getByRole('link', { name: /Services not well/ })
  await seen(unwell.getByText(/down, \d+ degraded/))
  const promised = await number(unwell)
  await unwell.click()
  await titled(page, 'Services')
  await until(() =>
    number(
      page
        .getByRole('main')
        .getByRole('status')
        .filter({ hasText: /services?$/ }),
    ),
  ).toBe(promised)

  await page.goBack()
  const shares = page.getByRole('list', { name: 'Resources by ownership' })
  const conflict = shares.getByRole('link', { name: /Conflict/ })
  await conflict.click()
  expect(new URL(page.url()).search).toBe('?ownership=conflict')

  await page.goBack()
  const kind = page.getByRole('region', { name: 'Findings' }).getByRole('link', { name: /Unknown teams/ })
  const count = Number((await kind.innerText()).match(/(\d+)\s*$/)?.[1])
  await kind.click()
  await titled(page, 'Findings')
  await until(() => page.getByRole('list', { name: 'Findings' }).getByRole('listitem').count()).toBe(count)
})
