import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { axe, expect, gone, seen, test, titled, until } from './bed'
import { ingest, toasted } from './bed/actions'

const place = 'lake/aws-collector/111122223333/eu-west-1'

/** A list of buckets as the AWS command line prints it: without a manifest it is taken as all there are. */
function buckets(folder: string, count: number) {
  mkdirSync(join(folder, place), { recursive: true })
  const list = Array.from({ length: count }, (_, index) => ({
    Name: `bucket-${index}`,
    Tags: [{ Key: 'team', Value: 'payments' }],
  }))
  writeFileSync(join(folder, place, 's3.json'), JSON.stringify(list))
}

test('what could not be read is said, with the words that grant it', async ({ page }) => {
  await page.goto('/sources')
  await titled(page, 'Sources')
  const gaps = page.getByRole('region', { name: 'Not read whole' })
  await seen(gaps.getByText('lambda:ListFunctions').first())
  await gaps.getByRole('button', { name: 'Copy what grants lambda:ListFunctions' }).click()
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()))
  expect(copied).toEqual({ Effect: 'Allow', Action: 'lambda:ListFunctions', Resource: '*' })

  // The matrix, one scope of it, and only what is not whole.
  const matrix = page.getByRole('table', { name: 'Coverage by scope and kind' })
  await seen(matrix.getByRole('row', { name: /444455556666 us-east-1.*Denied/ }))
  const all = await matrix.getByRole('row').count()
  await page.getByRole('checkbox', { name: 'Only what was not read whole' }).check()
  await until(() => matrix.getByRole('row').count()).toBeLessThan(all)
  await matrix.getByRole('button', { name: '444455556666 us-east-1' }).click()
  const scope = page.getByRole('dialog', { name: '444455556666 / us-east-1' })
  await seen(scope.getByText('AccessDeniedException').first())
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('Escape')
  await gone(scope)

  await page
    .getByRole('group', { name: 'Source' })
    .getByRole('button', { name: /^kubernetes/ })
    .click()
  await seen(page.getByText('Everything was read whole').last())
})

test('a held mass delete is released, but only by whoever confirms it', async ({ page, portal }) => {
  buckets(portal.folder, 40)
  const all_there = ingest(portal)
  buckets(portal.folder, 2)
  portal.held('ingest')

  await page.goto('/sources')
  const held = page.getByRole('region', { name: 'Held' })
  await seen(held.getByText('38 of 40 s3 are gone from 111122223333 / eu-west-1'))
  expect(await axe(page)).toEqual([])
  await held.getByRole('button', { name: 'Release' }).click()
  const confirm = page.getByRole('alertdialog', { name: 'Release 38 s3?' })
  await confirm.getByRole('button', { name: 'Cancel' }).click()
  await gone(confirm)
  await seen(held)
  await held.getByRole('button', { name: 'Release' }).click()
  await confirm.getByRole('button', { name: 'Release' }).click()
  await toasted(page, '38 s3 of 111122223333 / eu-west-1 were released')
  await gone(held)

  // From when all were there, 38 are gone. Within the hour they came as well, so that only the two that stay are new.
  const differences = page.getByRole('main').getByRole('status').first()
  await page.goto(`/changes?since=${all_there}&action=retired`)
  await until(() => differences.innerText()).toBe('38 differences')
  const without_team = page.getByRole('region', { name: /^(payments|Without a team)$/ })
  await without_team.getByRole('button', { name: 'Show all 38' }).click()
  await until(() => without_team.getByRole('listitem').count()).toBe(38)
  await page.goto('/changes?since=1h&q=bucket-')
  await until(() => differences.innerText()).toBe('2 differences')
  await until(() => page.getByRole('button', { name: 'Gone 0' }).count()).toBe(1)
})
