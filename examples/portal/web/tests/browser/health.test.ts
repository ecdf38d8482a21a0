import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import { axe, test as base, seen, titled, until } from './bed'
import { textbox, toasted } from './bed/actions'

/** What the service answers at the moment. */
let answer = 200
let service: Server
beforeAll(async () => {
  service = createServer((_, response) => {
    response.statusCode = answer
    response.end()
  })
  await new Promise<void>((listening) => service.listen(0, '127.0.0.1', listening))
})
afterAll(() => new Promise((closed) => service.close(closed)))

// Addresses of this machine are asked only where the configuration names them.
const test = base.override('options', {
  config: '[health]\nallow = ["127.0.0.1"]\nconfirm = { of = 1, agree = 1 }\nevery = "1h"\n',
})

test('a service is checked now, and its history says what was found', async ({ page }) => {
  const { port } = service.address() as AddressInfo
  await page.goto('/services/payments/payments-api')
  await titled(page, 'payments-api')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog', { name: 'Edit payments-api' })
  await textbox(form, 'Status URL').fill(`http://127.0.0.1:${port}/healthz`)
  await form.getByRole('button', { name: 'Save' }).click()
  await toasted(page, 'payments-api was saved')

  const check = page.getByRole('button', { name: 'Check now' })
  await check.click()
  await toasted(page, 'payments-api: healthy')
  const history = page.getByRole('region', { name: 'Status over time' })
  await seen(history.getByText(/^200 in \d+ ms/))
  await seen(history.getByRole('img', { name: 'Status over the last 24 hours: no trouble' }))

  answer = 503
  // Who asks again within a second gets the same answer.
  await until(async () => {
    await check.click()
    return history.getByText(/^503/).count()
  }).toBe(1)
  await seen(page.getByRole('heading', { level: 1 }).locator('..').getByText('Degraded'))
  await seen(
    history.getByRole('list', { name: 'When it was not well in the last 24 hours' }).getByText('Degraded'),
  )
  await history.getByRole('button', { name: '7 days' }).click()
  await seen(history.getByRole('img', { name: 'Status over the last 7 days: not well once' }))
  await until(() => axe(page)).toEqual([])

  // The list and the overview know it as well.
  await page.goto('/services?status=degraded')
  await seen(page.getByRole('article', { name: 'payments-api' }))
  await page.goto('/')
  await seen(
    page.getByRole('region', { name: 'Services not well' }).getByRole('link', { name: 'payments-api' }),
  )
})
