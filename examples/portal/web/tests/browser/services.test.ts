import { axe, expect, gone, seen, test, titled, until } from './bed'
import { choose, filter, number, textbox, toasted } from './bed/actions'

test('a service is added, found, edited and deleted', async ({ page }) => {
  await page.goto('/services')
  await titled(page, 'Services')
  const total = page
    .getByRole('main')
    .getByRole('status')
    .filter({ hasText: /services?$/ })
  const unknown = page
    .getByRole('group', { name: 'Services by status' })
    .getByRole('button', { name: /Unknown/ })
  await until(() => number(total)).toBeGreaterThan(10)
  const [total_before, unknown_before] = [await number(total), await number(unknown)]

  // Added, with everything that a card shows.
  await page.getByRole('button', { name: 'Add service' }).click()
  const adding = page.getByRole('dialog', { name: 'Add a service' })
  await textbox(adding, 'Name').fill('billing-desk')
  await textbox(adding, 'Description').fill('Invoices, as the people in accounting see them')
  await adding.getByRole('combobox', { name: 'Team' }).fill('payments')
  await textbox(adding, 'Tags').fill('critical, tier=1')
  await textbox(adding, 'Documentation').fill('https://docs.hazelmoor.example/billing')
  expect(await axe(page)).toEqual([])
  await adding.getByRole('button', { name: 'Add service' }).click()
  await toasted(page, 'billing-desk was added')
  await gone(adding)
  await until(() => number(total)).toBe(total_before + 1)
  await until(() => number(unknown)).toBe(unknown_before + 1)

  // Found by what is typed.
  await page.getByRole('searchbox', { name: 'Search services' }).fill('billing-d')
  await until(() => number(total)).toBe(1)
  const card = page.getByRole('article', { name: 'billing-desk' })
  await seen(card.getByText('Unknown'))
  await seen(card.getByText('Invoices, as the people in accounting see them'))
  await seen(card.getByRole('link', { name: 'payments' }))
  await seen(card.getByRole('list', { name: 'Tags' }).getByText('critical'))
  await seen(card.getByRole('link', { name: /Documentation of billing-desk/ }))
  expect(await card.getByRole('link', { name: /Documentation/ }).getAttribute('href')).toBe(
    'https://docs.hazelmoor.example/billing',
  )

  // Edited: the form holds what is known, and saves what is changed.
  await choose(card, 'billing-desk', 'Edit')
  const editing = page.getByRole('dialog', { name: 'Edit billing-desk' })
  expect(await textbox(editing, 'Description').inputValue()).toBe(
    'Invoices, as the people in accounting see them',
  )
  expect(await textbox(editing, 'Tags').inputValue()).toContain('tier=1')
  expect(await editing.getByRole('combobox', { name: 'Team' }).inputValue()).toBe('payments')
  await textbox(editing, 'Description').fill('Invoices for accounting')
  await editing.getByRole('button', { name: 'Save' }).click()
  await toasted(page, 'billing-desk was saved')
  await seen(card.getByText('Invoices for accounting'))

  // Deleted, but only by whoever confirms it.
  await choose(card, 'billing-desk', 'Delete')
  const confirm = page.getByRole('alertdialog', { name: 'Delete billing-desk?' })
  expect(await axe(page)).toEqual([])
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  await gone(confirm)
  await seen(card)
  await choose(card, 'billing-desk', 'Delete')
  await confirm.getByRole('button', { name: 'Delete' }).click()
  await toasted(page, 'billing-desk was deleted')
  await gone(card)
  await seen(page.getByText('No service matches'))
  await page.getByRole('searchbox', { name: 'Search services' }).fill('')
  await until(() => number(total)).toBe(total_before)
  await until(() => number(unknown)).toBe(unknown_before)
})

test('a service that a source shows is hidden, and shown again', async ({ page }) => {
  await page.goto('/services?q=refunds')
  const card = page.getByRole('article', { name: 'refunds-api' })
  const confirm = page.getByRole('alertdialog', { name: 'Hide refunds-api?' })
  await choose(card, 'refunds-api', 'Hide')
  expect(await axe(page)).toEqual([])
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  await gone(confirm)
  await seen(card)

  // Whoever did not mean it takes it back at once.
  await choose(card, 'refunds-api', 'Hide')
  await confirm.getByRole('button', { name: 'Hide' }).click()
  await toasted(page, 'refunds-api was hidden')
  await gone(card)
  await page.getByRole('button', { name: 'Undo' }).click()
  await toasted(page, 'refunds-api is shown again')
  await seen(card)

  // Later it is found by its address, which says who hid it, or among those that are hidden.
  await choose(card, 'refunds-api', 'Hide')
  await confirm.getByRole('button', { name: 'Hide' }).click()
  // The question goes when it is done; behind it nothing has a role.
  await gone(confirm)
  await gone(card)
  await page.goto('/services/payments/refunds-api')
  await seen(page.getByText(/^Hidden by .* It stands in no list and no count\.$/))
  await page.getByRole('button', { name: 'Show again' }).click()
  await toasted(page, 'refunds-api is shown again')
  await seen(page.getByRole('button', { name: 'Hide' }))
  await page.goto('/services?q=refunds')
  await seen(card)
})

test('a name is needed, and an address has to be one', async ({ page }) => {
  await page.goto('/services')
  await page.getByRole('button', { name: 'Add service' }).click()
  const adding = page.getByRole('dialog', { name: 'Add a service' })
  await textbox(adding, 'Name').fill('   ')
  await textbox(adding, 'Documentation').fill('javascript:alert(1)')
  await adding.getByRole('button', { name: 'Add service' }).click()
  await seen(adding.getByText('A service needs a name'))
  await seen(adding.getByText('Write a whole address that begins with https:// or http://'))
  const focused = page.locator(':focus')
  expect(await focused.getAttribute('aria-invalid')).toBe('true')
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')
  await gone(adding)
  // Nobody was told that anything was added, and nothing was.
  await page.getByRole('searchbox', { name: 'Search services' }).fill('javascript')
  await seen(page.getByText('No service matches'))
})

test('a name that is taken is said at the field', async ({ page, allow }) => {
  allow(/409/)
  await page.goto('/services')
  for (const outcome of ['added', 'refused']) {
    await page.getByRole('button', { name: 'Add service' }).click()
    const adding = page.getByRole('dialog', { name: 'Add a service' })
    await textbox(adding, 'Name').fill('twice')
    await adding.getByRole('button', { name: 'Add service' }).click()
    if (outcome === 'added') await toasted(page, 'twice was added')
    else {
      await until(() => textbox(adding, 'Name').getAttribute('aria-invalid')).toBe('true')
      await adding.getByRole('button', { name: 'Cancel' }).click()
      await gone(adding)
    }
  }
})

test('filters narrow the list, count, and are taken back', async ({ page }) => {
  await page.goto('/services')
  const total = page
    .getByRole('main')
    .getByRole('status')
    .filter({ hasText: /services?$/ })
  await until(() => number(total)).toBeGreaterThan(10)
  const all = await number(total)

  const payments = filter(page, 'Team', /^payments/)
  const promised = await number(
    page
      .getByRole('complementary', { name: 'Filters' })
      .getByRole('group', { name: 'Team', exact: true })
      .locator('label', { has: page.getByRole('checkbox', { name: /^payments/ }) }),
  )
  await payments.check()
  await until(() => number(total)).toBe(promised)
  expect(new URL(page.url()).search).toBe('?team=payments')

  // Another team adds to it, another filter takes away from it.
  await filter(page, 'Team', /^catalogue/).check()
  await until(() => number(total)).toBeGreaterThan(promised)
  const both = await number(total)
  await filter(page, 'Environment', /^prod/).check()
  await until(() => number(total)).toBeLessThanOrEqual(both)
  await page.getByRole('button', { name: 'Remove filter Environment: prod' }).click()
  await until(() => number(total)).toBe(both)

  await page.getByRole('list', { name: 'Active filters' }).getByRole('button', { name: 'Clear all' }).click()
  await until(() => number(total)).toBe(all)
  expect(await payments.isChecked()).toBe(false)
})

test('back and reload keep the view', async ({ page }) => {
  await page.goto('/services')
  await filter(page, 'Team', /^payments/).check()
  await page.getByRole('button', { name: 'Show as table' }).click()
  const table = page.getByRole('table', { name: 'Services' })
  await table.getByRole('button', { name: 'Status' }).click()
  await until(() => page.url()).toContain('sort=status')
  const rows = async () => table.getByRole('row').allInnerTexts()
  await until(async () => (await rows()).length).toBeGreaterThan(3)
  await page.reload()
  await titled(page, 'Services')
  await seen(table)
  expect(await filter(page, 'Team', /^payments/).isChecked()).toBe(true)
  expect(await table.getByRole('columnheader', { name: 'Status' }).getAttribute('aria-sort')).toBe(
    'ascending',
  )

  const before = await rows()
  await table.getByRole('link').first().click()
  await until(() => page.url()).toMatch(/\/services\/[^/]+\/[^/]+$/)
  await page.goBack()
  await seen(table)
  await until(rows).toEqual(before)
  await page.goBack()
  await until(() => page.url()).not.toContain('sort=')
})

test('a card has a place for words where its row has some, and none where nobody wrote any', async ({
  page,
}) => {
  await page.goto('/services')
  const cards = page.getByRole('list', { name: 'Services' }).getByRole('article')
  await seen(cards.nth(3))
  const heights = () => cards.evaluateAll((all) => all.slice(0, 4).map((one) => one.clientHeight))
  const [, , height_px = 0] = await heights()
  const name = (await cards.nth(2).getAttribute('aria-label')) ?? ''
  await choose(cards.nth(2), name, 'Edit')
  const form = page.getByRole('dialog', { name: `Edit ${name}` })
  await textbox(form, 'Description').fill('What it is for, in words that take more than the width of a card')
  await form.getByRole('button', { name: 'Save' }).click()
  await toasted(page, `${name} was saved`)
  await until(async () => (await heights())[2]).toBeGreaterThan(height_px + 30)
  const [first, second, third, fourth] = await heights()
  expect([first, second, fourth]).toEqual([height_px, height_px, third])
  await seen(cards.nth(3).getByText('No description yet.'))
})
