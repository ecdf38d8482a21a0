import { expect, gone, seen, test, titled } from './bed'
import { textbox, toasted } from './bed/actions'

test('two people who edit one service lose nothing', async ({ open, allow }) => {
  allow(/412/)
  const [ada, ben] = [await open(), await open()]
  const forms = []
  for (const page of [ada, ben]) {
    await page.goto('/services/payments/refunds-api')
    await titled(page, 'refunds-api')
    await page.getByRole('button', { name: 'Edit' }).click()
    forms.push(page.getByRole('dialog', { name: 'Edit refunds-api' }))
  }
  const [adas, bens] = forms as [(typeof forms)[0], (typeof forms)[0]]
  if (!adas || !bens) throw new Error('two windows')
  await seen(adas)
  await seen(bens)

  // Ben is first.
  await textbox(bens, 'Documentation').fill('https://docs.hazelmoor.example/refunds')
  await textbox(bens, 'Description').fill('Pays money back')
  await bens.getByRole('button', { name: 'Save' }).click()
  await toasted(ben, 'refunds-api was saved')

  // Ada hears of it, keeps what she typed, and gets what only Ben changed.
  await textbox(adas, 'Description').fill('Refunds for orders and returns')
  await textbox(adas, 'Repository').fill('https://git.hazelmoor.example/refunds')
  await adas.getByRole('button', { name: 'Save' }).click()
  const notice = adas.getByRole('alert')
  await seen(notice.getByText('Somebody else saved this while you were editing'))
  expect(await textbox(adas, 'Description').inputValue()).toBe('Refunds for orders and returns')
  expect(await textbox(adas, 'Documentation').inputValue()).toBe('https://docs.hazelmoor.example/refunds')
  await seen(notice.getByText('Pays money back'))
  await notice.getByRole('button', { name: 'Use theirs' }).click()
  expect(await textbox(adas, 'Description').inputValue()).toBe('Pays money back')
  await adas.getByRole('button', { name: 'Save' }).click()
  await toasted(ada, 'refunds-api was saved')
  await gone(adas)

  await ben.reload()
  await seen(ben.getByText('Pays money back').first())
  const link = async (name: string) => ben.getByRole('link', { name }).getAttribute('href')
  expect(await link('Documentation (opens in a new tab)')).toBe('https://docs.hazelmoor.example/refunds')
  expect(await link('Repository (opens in a new tab)')).toBe('https://git.hazelmoor.example/refunds')
})

test('what was typed survives a portal that is gone for a moment', async ({ page, portal, allow }) => {
  allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET/)
  await page.goto('/services/search/search-api')
  await page.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog', { name: 'Edit search-api' })
  await textbox(form, 'Description').fill('Finds products')
  await portal.kill()
  await form.getByRole('button', { name: 'Save' }).click()
  await seen(form.getByRole('alert').getByText('The portal does not answer. Nothing was changed.'))
  expect(await textbox(form, 'Description').inputValue()).toBe('Finds products')
  await portal.again()
  await form.getByRole('button', { name: 'Save' }).click()
  await toasted(page, 'search-api was saved')
  // The change log says it as well.
  await seen(page.getByText('Finds products').first())
})
