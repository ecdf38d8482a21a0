import { axe, expect, seen, test, titled, until } from './bed'
import { textbox, toasted } from './bed/actions'

const at = (arn: string) => `/resources/${encodeURIComponent(arn)}`
const story = (page: Parameters<typeof titled>[0]) =>
  page.getByRole('region', { name: 'Who owns it, and why' })
const steps = (page: Parameters<typeof titled>[0]) =>
  page.getByRole('list', { name: 'Evidence, strongest first' }).getByRole('listitem')

const told = [
  [
    'owned',
    'arn:aws:rds:eu-west-1:777788889999:db:payments-ledger-prod',
    /Its tag Team says “Payments Squad”/,
  ],
  [
    'by its cluster',
    'arn:aws:rds:eu-west-1:777788889999:db:orders-prod-1',
    /The tag Team of orders-prod says “Basket”/,
  ],
  [
    'by its users',
    'arn:aws:s3:::hazelmoor-prod-search-synonyms',
    /Every service that uses it belongs to search/,
  ],
  ['unowned', 'arn:aws:s3:::hazelmoor-tmp-migration-2023', /read whole, and nothing on it/],
  [
    'unregistered',
    'arn:aws:rds:eu-west-1:777788889999:db:crm-legacy-prod',
    /“Legacy CRM”, but no team has that name/,
  ],
  [
    'conflict',
    'arn:aws:dynamodb:eu-west-1:011122223333:table/gift-cards',
    /payments and pricing\. None is picked/,
  ],
  ['unknown', 'arn:aws:s3:::hazelmoor-prod-legal-hold', /could not be read\. That is not the same/],
] as const

test.for(told)('%s: it is told in a sentence, and axe finds nothing', async ([, arn, sentence], { page }) => {
  await page.goto(at(arn))
  await seen(story(page).getByText(sentence))
  await until(() => page.locator('.animate-breathe').count()).toBe(0)
  expect(await axe(page)).toEqual([])
})

test('the path goes from the place to the team, and losers say why', async ({ page }) => {
  await page.goto(at('arn:aws:rds:eu-west-1:777788889999:db:payments-ledger-prod'))
  await seen(steps(page).first())
  expect((await steps(page).first().innerText()).replace(/\s+/g, ' ')).toMatch(
    /Place: tag Team says Text: Payments Squad which by the rule Rule: tag names Team: .*payments.*Decided\./,
  )
  await seen(steps(page).filter({ hasText: 'inherited' }).getByText('“tag” had decided before it.'))
})

test('what could not be read names the missing permission', async ({ page }) => {
  await page.goto(at('arn:aws:s3:::hazelmoor-prod-legal-hold'))
  await seen(story(page).getByText('Missing permission'))
  await seen(story(page).locator('code', { hasText: 's3:GetBucketTagging' }).first())
  await story(page).getByRole('link', { name: 'What each source could read' }).click()
  await titled(page, 'Sources')
})

test('who uses it, what made it, and who would notice if it went away', async ({ page }) => {
  await page.goto(at('arn:aws:rds:eu-west-1:777788889999:db:payments-ledger-prod'))
  await seen(page.getByRole('region', { name: 'Used by' }).getByRole('link', { name: 'payments-api' }))
  await seen(page.getByRole('region', { name: 'Created by' }).getByRole('link', { name: 'payments-data' }))
  const radius = page.getByRole('region', { name: 'If it went away' })
  await seen(radius.getByText(/\d+ things of \d+ teams would notice/))
  await seen(radius.getByRole('link', { name: 'checkout-api' }))
})

test('description, links and owner are edited, and a wrong address is not saved', async ({ page }) => {
  await page.goto(at('arn:aws:s3:::hazelmoor-tmp-migration-2023'))
  await page.getByRole('button', { name: 'Edit' }).click()
  const dialog = page.getByRole('dialog', { name: /^Edit hazelmoor-tmp/ })
  await textbox(dialog, 'Description').fill('Left over from the migration.')
  await dialog.getByRole('button', { name: 'Add a link' }).click()
  await textbox(dialog, 'Words of link 1').fill('Runbook')
  await textbox(dialog, 'Address of link 1').fill('javascript:alert(1)')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await seen(dialog.getByText('Write a whole address that begins with https://'))
  expect(await axe(page)).toEqual([])
  await textbox(dialog, 'Address of link 1').fill('https://runbooks.example/migration')
  await dialog.getByRole('combobox', { name: 'Owner' }).fill('payments')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await toasted(page, 'hazelmoor-tmp-migration-2023 was saved')
  await seen(page.getByText('Left over from the migration.').first())
  await seen(story(page).getByText('A person said “payments”'))
  expect(await page.getByRole('link', { name: /^Runbook/ }).getAttribute('href')).toBe(
    'https://runbooks.example/migration',
  )
  await seen(page.getByRole('region', { name: 'Change log' }).getByText('description'))
})

test('two people edit one resource, and neither loses a word', async ({ page, open, allow }) => {
  allow(/412/)
  const other = await open()
  const path = at('arn:aws:s3:::hazelmoor-jan-test')
  for (const one of [page, other]) {
    await one.goto(path)
    await one.getByRole('button', { name: 'Edit' }).click()
    await seen(one.getByRole('dialog'))
  }
  await textbox(other.getByRole('dialog'), 'Description').fill('Written by the other one')
  await other.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await toasted(other, 'hazelmoor-jan-test was saved')
  const mine = page.getByRole('dialog')
  await textbox(mine, 'Name to show').fill('Test of January')
  await mine.getByRole('button', { name: 'Save' }).click()
  await seen(mine.getByText('Somebody else saved this while you were editing'))
  expect(await textbox(mine, 'Description').inputValue()).toBe('Written by the other one')
  await mine.getByRole('button', { name: 'Save' }).click()
  await titled(page, 'Test of January')
  await seen(page.getByText('Written by the other one').first())
})
