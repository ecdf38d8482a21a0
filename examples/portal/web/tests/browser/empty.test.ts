import { axe, test as base, expect, seen, titled } from './bed'

const test = base.override('options', { empty: true })

test.for([
  ['/', 'Overview', 'Nothing was collected yet.'],
  ['/services', 'Services', 'No services yet'],
  ['/findings', 'Findings', 'Nothing to look at'],
  ['/changes', 'Changes', 'Nothing is different'],
  ['/sources', 'Sources', 'Nothing was collected yet'],
] as const)('%s of an empty portal says what to do next', async ([path, title, words], { page }) => {
  await page.goto(path)
  await titled(page, title)
  await seen(page.getByText(words).first())
  expect(await axe(page)).toEqual([])
})
