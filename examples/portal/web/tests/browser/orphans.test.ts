import type { Page } from 'playwright-core'
import { axe, expect, seen, test, titled, until } from './bed'
import { toasted } from './bed/actions'

const list = (page: Page) => page.getByRole('list', { name: /to settle$/ })
/** The row that has the focus. */
const focused = (page: Page) =>
  page.evaluate(
    () =>
      document.activeElement?.closest('[data-triage-row]')?.querySelector('span span')?.textContent ?? null,
  )
const left = async (page: Page) =>
  Number(/^(\d+) left$/.exec(await page.getByText(/^\d+ left$/).innerText())?.[1])
const first = (page: Page) => list(page).getByRole('button').first()

async function begun(page: Page, path: string) {
  await page.goto(path)
  await titled(page, 'Orphans')
  await first(page).focus()
  await seen(page.getByRole('article').getByRole('button', { name: 'Assign' }))
}

test('j and k go through the list, Enter opens the page, and back comes back', async ({ page }) => {
  await begun(page, '/orphans')
  const one = await focused(page)
  await page.keyboard.press('j')
  await until(() => focused(page)).not.toBe(one)
  const two = await focused(page)
  await page.keyboard.press('k')
  await until(() => focused(page)).toBe(one)
  await page.keyboard.press('j')
  await until(() => focused(page)).toBe(two)
  await page.keyboard.press('Enter')
  await titled(page, two ?? '')
  await page.goBack()
  await titled(page, 'Orphans')
})

test('? shows the keys, and letters can be switched off', async ({ page }) => {
  await begun(page, '/orphans')
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys' })
  await seen(keys.getByText('Confirm the suggested team'))
  expect(await axe(page)).toEqual([])
  await keys.getByRole('checkbox', { name: /single letters/ }).uncheck()
  await page.keyboard.press('Escape')
  await first(page).focus()
  const one = await focused(page)
  await page.keyboard.press('j')
  expect(await focused(page)).toBe(one)
  await page.keyboard.press('ArrowDown')
  await until(() => focused(page)).not.toBe(one)
})

test('an orphan is assigned by keyboard, the next one has the focus, and undo brings it back', async ({
  page,
}) => {
  await begun(page, '/orphans?ownership=unowned&q=hazelmoor')
  const before = await left(page)
  const one = await focused(page)
  await page.keyboard.press('a')
  const dialog = page.getByRole('dialog', { name: `Who owns ${one}?` })
  await seen(dialog.getByRole('option').first())
  expect(await axe(page)).toEqual([])
  await page.keyboard.type('pay')
  await seen(dialog.getByRole('option', { name: /Payments/ }))
  await page.keyboard.press('Enter')
  await toasted(page, `${one} belongs to payments now`)
  await until(() => left(page)).toBe(before - 1)
  await until(() => focused(page)).not.toBe(null)
  expect(await focused(page)).not.toBe(one)
  await page.getByRole('button', { name: 'Undo' }).click()
  await toasted(page, `Taken back: ${one}`)
  await until(() => left(page)).toBe(before)
})

test('a suggestion is confirmed with one key', async ({ page }) => {
  await begun(page, '/orphans?q=payment-archive')
  await seen(page.getByText(/Maybe payments/))
  await seen(page.getByText(/resources of this account whose names begin with/))
  await page.keyboard.press('c')
  await toasted(page, 'payment-archive belongs to payments now')
  await seen(page.getByText('Nothing is left of these'))
})

test('a rejected suggestion is not made again, until it is taken back', async ({ page }) => {
  await begun(page, '/orphans?q=orders-replay')
  await seen(page.getByText(/Maybe basket/))
  await page.keyboard.press('r')
  await toasted(page, 'basket is not suggested for orders-replay any more')
  await seen(page.getByText('Nobody is suggested'))
  await first(page).focus()
  await page.keyboard.press('u')
  await toasted(page, 'Taken back: orders-replay')
  await seen(page.getByText(/Maybe basket/))
})

test('what somebody else has settled is left as they said', async ({ page, open, allow }) => {
  allow(/412/)
  const path = '/orphans?q=catalogue-restore-test'
  const other = await open()
  await begun(page, path)
  await begun(other, path)
  // The list would be read anew, and what the other one settled would be gone before this one decides.
  await page.route(/\/v1alpha\/resources\?/, () => {})
  for (const [one, team] of [
    [other, 'search'],
    [page, 'payments'],
  ] as const) {
    await one.keyboard.press('a')
    await seen(one.getByRole('dialog').getByRole('option').first())
    await one.keyboard.type(team)
    await seen(one.getByRole('dialog').getByRole('option', { name: new RegExp(team, 'i') }))
    await one.keyboard.press('Enter')
  }
  await toasted(other, 'catalogue-restore-test belongs to search now')
  await toasted(page, 'it belongs to search now')
})

test('services are settled as well', async ({ page }) => {
  await begun(page, '/orphans?of=services')
  await seen(list(page).getByText('refunds-api'))
  await page.getByRole('combobox', { name: 'What to settle' }).selectOption('Resources')
  await until(() => new URL(page.url()).search).toBe('')
})

test('on a phone the case comes first', async ({ open }) => {
  const page = await open({ width: 360, height: 740 })
  await page.goto('/orphans')
  await seen(page.getByRole('article').getByRole('button', { name: 'Assign' }))
  const title = page.getByRole('article').getByRole('heading', { level: 2 })
  const name = await title.innerText()
  await page.getByRole('button', { name: 'Next', exact: true }).click()
  await until(() => title.innerText()).not.toBe(name)
  expect(await axe(page)).toEqual([])
})
