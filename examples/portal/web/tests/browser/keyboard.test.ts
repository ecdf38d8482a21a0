import { expect, gone, seen, test, titled, until } from './bed'
import { textbox, toasted } from './bed/actions'

test('a service is found, opened and edited without a mouse', async ({ page }) => {
  const focus = page.locator(':focus')
  await page.goto('/services?as=table')
  await titled(page, 'Services')
  const table = page.getByRole('table', { name: 'Services' })
  await seen(table.getByRole('link').first())

  // The first Tab is the way around the navigation.
  await page.keyboard.press('Tab')
  expect(await focus.innerText()).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press('Tab')
    if ((await focus.getAttribute('data-row-link')) !== null) break
  }
  const first = await focus.innerText()

  // Arrow keys go from row to row, End to the last one.
  await page.keyboard.press('ArrowDown')
  await until(() => focus.innerText()).not.toBe(first)
  await page.keyboard.press('End')
  await until(async () =>
    (await table.getByRole('row').last().innerText()).startsWith(await focus.innerText()),
  ).toBe(true)
  await page.keyboard.press('Home')
  await until(() => focus.innerText()).toBe(first)
  await page.keyboard.press('Enter')
  await titled(page, first)

  // The new page begins at its title, from where Tab goes on.
  expect(await focus.innerText()).toBe(first)
  const edit = page.getByRole('button', { name: 'Edit' })
  await seen(edit)
  for (let step = 0; step < 20 && (await focus.innerText()) !== 'Edit'; step += 1)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const form = page.getByRole('dialog', { name: `Edit ${first}` })
  await seen(form)

  // Tab stays in the dialog, Escape leaves it, and the focus goes back.
  for (let step = 0; step < 25; step += 1) {
    await page.keyboard.press('Tab')
    expect(await form.locator(':focus').count()).toBe(1)
  }
  await page.keyboard.press('Escape')
  await gone(form)
  expect(await focus.innerText()).toBe('Edit')
  await page.keyboard.press('Enter')
  await seen(form)
  await textbox(form, 'Description').focus()
  await page.keyboard.type('Typed, not clicked')
  await textbox(form, 'Status URL').focus()
  await page.keyboard.press('Enter')
  await toasted(page, `${first} was saved`)
  await seen(page.getByText('Typed, not clicked').first())
})

test('a menu opens, moves and closes by keyboard', async ({ page }) => {
  const focus = page.locator(':focus')
  await page.goto('/services')
  const button = page.getByRole('button', { name: /^Actions for/ }).first()
  await seen(button)
  await button.focus()
  await page.keyboard.press('Enter')
  const menu = page.getByRole('menu')
  await seen(menu)
  await page.keyboard.press('ArrowDown')
  await until(() => focus.getAttribute('role')).toBe('menuitem')
  await page.keyboard.press('Escape')
  await gone(menu)
  await until(() => focus.getAttribute('aria-label')).toMatch(/^Actions for/)
})
