import { expect, seen, test, titled, until } from './bed'
import { number } from './bed/actions'

test('the matrix of a team leads to the list behind each number', async ({ page }) => {
  await page.goto('/teams')
  await page
    .getByRole('table', { name: 'Teams' })
    .getByRole('link', { name: 'Payments', exact: true })
    .click()
  await titled(page, 'Payments')
  const matrix = page.getByRole('table', { name: 'What Payments owns in each environment' })
  const row = matrix.getByRole('row', { name: /^Database/ })
  const cell = row.getByRole('link', { name: /Database in prod/ })
  const n = await number(cell)
  await cell.click()
  await titled(page, 'Resources')
  await until(() => number(page.getByRole('status').filter({ hasText: 'resource' }))).toBe(n)
  const asked = new URL(page.url()).searchParams
  expect([asked.get('team'), asked.get('environment'), asked.get('type')]).toEqual([
    'payments',
    'prod',
    'database',
  ])
  await page.goBack()
  await titled(page, 'Payments')
  await matrix.getByRole('link', { name: /Services in staging/ }).click()
  await titled(page, 'Services')
  await until(() => page.getByRole('button', { name: /^Remove filter/ }).count()).toBe(2)
})

test('a team shows its names, its parent and its children, and how it is tagged', async ({ page }) => {
  await page.goto('/teams/payments')
  const about = page.getByRole('region', { name: 'About' })
  await seen(about.getByText('Payments Squad'))
  await seen(
    page
      .getByRole('region', { name: 'Tags of its resources' })
      .getByText(/\d+ of \d+/)
      .first(),
  )
  await about.getByRole('link', { name: 'commerce' }).click()
  await titled(page, 'Commerce')
  await seen(page.getByText('It owns nothing yet'))
  await seen(page.getByRole('region', { name: 'About' }).getByRole('link', { name: 'payments' }))
})

test('another name of a team leads to the team, and says so', async ({ page }) => {
  await page.goto('/teams/Payments%20Squad')
  await titled(page, 'Payments')
  await until(() => new URL(page.url()).pathname).toBe('/teams/payments')
  await seen(page.getByText('“Payments Squad” is a name it had before, or another one of its names.'))
  await seen(page.getByRole('table', { name: 'What Payments owns in each environment' }))
  await page.reload()
  await seen(page.getByText('“Payments Squad” is a name it had before, or another one of its names.'))
})

test('a product rolls up its teams and services', async ({ page }) => {
  await page.goto('/products')
  await page.getByRole('article', { name: 'Checkout' }).getByRole('link', { name: 'Checkout' }).click()
  await titled(page, 'Checkout')
  await seen(
    page.getByRole('table', { name: 'Teams of the product' }).getByRole('link', { name: 'payments' }),
  )
  await seen(
    page.getByRole('table', { name: 'Services of the product' }).getByRole('link', { name: 'checkout-api' }),
  )
})
