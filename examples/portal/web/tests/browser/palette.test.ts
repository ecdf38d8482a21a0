import type { Page } from 'playwright-core'
import { axe, expect, gone, seen, test, titled, until } from './bed'

const palette = { name: 'Search everything' }
const keysOfFocused = (page: Page) => page.locator(':focus').getAttribute('aria-keyshortcuts')

test.for([
  ['order-api', 'order-api', '/services/checkout/order-api'],
  ['Payments Squad', 'Payments', '/teams/payments'],
  ['tmp-migration-2023', 'hazelmoor-tmp-migration-2023', '/resources/'],
  ['payments-ledger-prod', 'payments-ledger-prod', '/resources/'],
  ['fulfilment', 'Fulfilment$', '/products/fulfilment'],
  ['sources', 'Sources', '/sources'],
] as const)('the palette finds %s and opens it', async ([words, name, path], { page }) => {
  await page.goto('/services')
  await titled(page, 'Services')
  // Whoever knows the keys does not wait for what they bring.
  const answered = page.waitForResponse((response) => new URL(response.url()).searchParams.get('q') === words)
  await page.keyboard.press('Control+k')
  await page.keyboard.type(words)
  await answered
  const dialog = page.getByRole('dialog', palette)
  const option = dialog.getByRole('option', { name: new RegExp(`^${name}`, 'i') }).first()
  await seen(option)
  await until(() => option.getAttribute('aria-selected')).toBeTruthy()
  // The first one is chosen already; what is asked for may stand below it.
  for (let step = 0; step < 20 && (await option.getAttribute('aria-selected')) !== 'true'; step += 1)
    await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await gone(dialog)
  await until(() => decodeURIComponent(new URL(page.url()).pathname)).toContain(path)
})

test('Enter opens what was typed, however soon it is pressed', async ({ page }) => {
  await page.goto('/services')
  await titled(page, 'Services')
  for (const [words, path] of [
    ['payments-api', '/services/payments/payments-api'],
    ['catalogue-api', '/services/catalogue/catalogue-api'],
    ['sources', '/sources'],
    ['changes', '/changes'],
  ] as const) {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(words)
    await page.keyboard.press('Enter')
    await gone(page.getByRole('dialog', palette))
    await until(() => new URL(page.url()).pathname).toBe(path)
  }
})

test('Enter means what the words say by now, and not what was marked for fewer of them', async ({ page }) => {
  await page.goto('/services')
  await titled(page, 'Services')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('change')
  const dialog = page.getByRole('dialog', palette)
  const marked = dialog.getByRole('option', { selected: true })
  await until(() => marked.textContent()).toContain('price-change-fanout')
  await page.keyboard.type('s')
  await until(() => marked.textContent()).toBe('Changes')
  await page.keyboard.press('Enter')
  await until(() => new URL(page.url()).pathname).toBe('/changes')
})

test('the palette says that there is nothing, and Escape closes it', async ({ page }) => {
  await page.goto('/')
  await titled(page, 'Overview')
  await page.getByRole('button', { name: 'Search everything' }).click()
  const dialog = page.getByRole('dialog', palette)
  await dialog.getByRole('combobox').fill('no-such-thing-anywhere')
  await seen(dialog.getByText('Nothing in the catalog matches “no-such-thing-anywhere”.'))
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')
  await gone(dialog)
  expect(await keysOfFocused(page)).toContain('Control+K')
})

test('Escape gives the focus back to where it was', async ({ page }) => {
  await page.goto('/services')
  await titled(page, 'Services')
  const dialog = page.getByRole('dialog', palette)
  const field = page.getByRole('searchbox', { name: 'Search services' })
  // Nothing had it: then the button has it, from where Tab goes on.
  await page.keyboard.press('Control+k')
  await seen(dialog)
  await page.keyboard.press('Escape')
  await gone(dialog)
  expect(await keysOfFocused(page)).toContain('Control+K')
  // Somebody was about to type elsewhere.
  await field.focus()
  await page.keyboard.press('Control+k')
  await seen(dialog)
  await page.keyboard.press('Escape')
  await gone(dialog)
  expect(await field.evaluate((one) => one === document.activeElement)).toBe(true)
})

test('the theme is chosen in the palette, and stays', async ({ page }) => {
  await page.goto('/')
  await titled(page, 'Overview')
  await page.keyboard.press('Control+k')
  await seen(page.getByRole('combobox'))
  await page.keyboard.type('dark theme')
  await page.getByRole('option', { name: 'Use the dark theme' }).click()
  const is_dark = () => page.evaluate(() => document.documentElement.classList.contains('dark'))
  await until(is_dark).toBe(true)
  await page.reload()
  await titled(page, 'Overview')
  expect(await is_dark()).toBe(true)
})
