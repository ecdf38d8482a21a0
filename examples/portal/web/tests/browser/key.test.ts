import type { Page } from 'playwright-core'
import { axe, test as base, expect, gone, type Served, seen, titled, until } from './bed'
import { choose, textbox, toasted } from './bed/actions'

const test = base.override('options', { args: ['--auth', 'keys'] })

/** A key as whoever runs the portal makes it. */
const keyOf = (portal: Served, scope: 'read' | 'write') =>
  portal.portal('keys', 'create', '--name', `ada (${scope})`, '--scope', scope).trim()

const gate = 'This portal asks for an API key'

async function enter(page: Page, key: string) {
  await page.getByLabel('API key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Continue' }).click()
}

test('whoever has no key is asked for one, and a wrong one is refused', async ({ page, portal, allow }) => {
  allow(/401/)
  await page.goto('/services')
  await titled(page, gate)
  const field = page.getByLabel('API key', { exact: true })
  const has_focus = () => field.evaluate((one) => one === document.activeElement)
  await until(has_focus).toBe(true)
  expect(await axe(page)).toEqual([])
  await enter(page, 'pk_wrong')
  await seen(page.getByText('This key was not accepted.'))
  await until(has_focus).toBe(true)
  expect(await field.getAttribute('aria-invalid')).toBe('true')

  // The right one leads to what was asked for, and lives as long as the tab.
  await enter(page, keyOf(portal, 'read'))
  await titled(page, 'Services')
  await seen(page.getByRole('article').first())
  await page.reload()
  await titled(page, 'Services')
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('pk_')
})

test('another tab is asked again', async ({ open, allow }) => {
  allow(/401/)
  const page = await open()
  await page.goto('/')
  await titled(page, gate)
})

test('a key to read does not write, and what was typed stays', async ({ page, portal, allow }) => {
  allow(/40[13]/)
  await page.goto('/services/search/search-api')
  await titled(page, gate)
  await enter(page, keyOf(portal, 'read'))
  await titled(page, 'search-api')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog', { name: 'Edit search-api' })
  await textbox(form, 'Description').fill('Finds products')
  await form.getByRole('button', { name: 'Save' }).click()
  await seen(form.getByRole('alert'))
  expect(await textbox(form, 'Description').inputValue()).toBe('Finds products')
})

test('a key that is revoked in the middle of an edit takes nothing that was typed', async ({
  page,
  portal,
  allow,
}) => {
  allow(/401/)
  const first = keyOf(portal, 'write')
  await page.goto('/services/payments/refunds-api')
  await titled(page, gate)
  await enter(page, first)
  await titled(page, 'refunds-api')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog', { name: 'Edit refunds-api' })
  await textbox(form, 'Description').fill('Pays money back')
  await textbox(form, 'Documentation').fill('https://docs.hazelmoor.example/refunds')
  portal.portal('keys', 'revoke', first.split('_')[1] ?? '')
  const headers = { Authorization: `Bearer ${first}` }
  await until(async () => (await fetch(`${portal.url}/api/v1alpha/teams`, { headers })).status).toBe(401)
  await form.getByRole('button', { name: 'Save' }).click()

  // Asked above the form, which nobody can leave by accident; a wrong key is refused there.
  const asked = page.getByRole('dialog', { name: 'Your API key is no longer accepted' })
  await seen(asked)
  await page.keyboard.press('Escape')
  expect(await axe(page)).toEqual([])
  await enter(page, 'pk_wrong')
  await seen(asked.getByText('This key was not accepted.'))

  // With another one it goes on where it was: Enter saves.
  await enter(page, keyOf(portal, 'write'))
  await gone(asked)
  expect(await textbox(form, 'Description').inputValue()).toBe('Pays money back')
  await seen(form.getByRole('alert').getByText('The API key was not accepted. Nothing was changed.'))
  await until(() =>
    form.getByRole('button', { name: 'Save' }).evaluate((one) => one === document.activeElement),
  ).toBe(true)
  await page.keyboard.press('Enter')
  await toasted(page, 'refunds-api was saved')
  await gone(form)
  await seen(page.getByText('Pays money back').first())
})

test('nothing that the page does is forbidden by its own policy', async ({ page, portal, allow }) => {
  allow(/401/)
  await page.addInitScript(() => {
    const broken: string[] = []
    Object.assign(window, { broken })
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      broken.push(`${violatedDirective}: ${blockedURI}`),
    )
  })
  const broken = () => page.evaluate(() => (window as unknown as { broken: string[] }).broken)
  const answer = await page.goto('/')
  expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
  await enter(page, keyOf(portal, 'write'))
  await titled(page, 'Overview')

  // Menus, dialogs, toasts, lists that scroll, and the graph bring styles of their own.
  for (const path of ['/', '/services', '/resources', '/orphans', '/sources', '/graph?ref=team:payments']) {
    await page.goto(path)
    await seen(page.getByRole('heading', { level: 1 }))
    await until(() => page.locator('.animate-breathe').count()).toBe(0)
    if (path === '/services') {
      await choose(page.getByRole('article').first(), '', 'Edit')
      const form = page.getByRole('dialog')
      await textbox(form, 'Description').fill('What it is for')
      await form.getByRole('button', { name: 'Save' }).click()
      await toasted(page, 'was saved')
    }
    await page.keyboard.press('Control+k')
    await seen(page.getByRole('combobox'))
    await page.keyboard.press('Escape')
    await gone(page.getByRole('dialog'))
    expect(await broken(), path).toEqual([])
  }
})
