import { axe, expect, seen, test, titled, until } from './bed'

/** Every page, with something that is there when it has come. */
const pages = [
  ['/', 'Overview'],
  ['/services', 'Services'],
  ['/services?as=table&team=payments', 'Services'],
  ['/services/checkout/order-api', 'order-api'],
  ['/services/payments/refunds-api', 'refunds-api'],
  ['/resources', 'Resources'],
  [
    `/resources/${encodeURIComponent('arn:aws:rds:eu-west-1:777788889999:db:payments-ledger-prod')}`,
    /payments-ledger-prod/,
  ],
  ['/teams', 'Teams'],
  ['/teams/payments', 'Payments'],
  ['/products', 'Products'],
  ['/products/checkout', /Checkout|Products/],
  ['/orphans', 'Orphans'],
  ['/graph', 'Graph'],
  ['/findings', 'Findings'],
  ['/changes', 'Changes'],
  ['/sources', 'Sources'],
  ['/nowhere', 'No such page'],
  ['/services/no/such-service', 'such-service'],
] as const

test.for(pages)('%s: axe finds nothing, in both themes', async ([path, title], { page, allow }) => {
  if (path.includes('such')) allow(/404/)
  await page.goto(path)
  await titled(page, title)
  await settled(page)
  expect(await axe(page)).toEqual([])
})

test.for(pages)('%s fits on a phone', async ([path, title], { open, allow }) => {
  if (path.includes('such')) allow(/404/)
  const page = await open({ width: 360, height: 740 })
  await page.goto(path)
  await titled(page, title)
  await settled(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
})

test('the phone has its navigation and filters behind buttons', async ({ open }) => {
  const page = await open({ width: 360, height: 740 })
  await page.goto('/')
  await page.getByRole('button', { name: 'Open the navigation' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Services' }).click()
  await titled(page, 'Services')
  await page.getByRole('button', { name: /^Filters/ }).click()
  const filters = page.getByRole('dialog', { name: 'Filters' })
  await seen(filters.getByRole('checkbox', { name: /payments/ }))
  expect(await axe(page)).toEqual([])
  await filters.getByRole('checkbox', { name: /payments/ }).check()
  await page.keyboard.press('Escape')
  await seen(page.getByRole('button', { name: 'Remove filter Team: payments' }))
})

test('what comes later does not move what is there', async ({ page }) => {
  for (const path of ['/', '/services', '/services/checkout/order-api', '/sources']) {
    await page.goto(path)
    await settled(page)
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
              sum += (entry as PerformanceEntry & { value: number }).value
          }).observe({ type: 'layout-shift', buffered: true })
          setTimeout(() => resolve(sum), 300)
        }),
    )
    expect(shift, path).toBeLessThan(0.02)
  }
})

/** Nothing is loading any more. */
const settled = (page: Parameters<typeof axe>[0]) =>
  until(() => page.locator('.animate-breathe').count()).toBe(0)
