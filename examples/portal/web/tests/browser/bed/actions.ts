/** What people do on several pages. */
import type { Locator, Page } from 'playwright-core'
import { type Served, seen } from '.'

/** Opens the menu with the three dots, and chooses. */
export async function choose(inside: Page | Locator, thing: string, item: string) {
  await inside.getByRole('button', { name: `Actions for ${thing}` }).click()
  const page = 'page' in inside ? inside.page() : inside
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

/** Waits for a toast. */
export const toasted = (page: Page, text: string) =>
  seen(page.getByRole('region', { name: /Notifications/ }).getByText(text))

export const textbox = (inside: Page | Locator, name: string) =>
  inside.getByRole('textbox', { name, exact: true })

/** A number on a page, as people read it: `1,204`. */
export async function number(locator: Locator): Promise<number> {
  const text = (await locator.innerText()).match(/[\d,]+/)?.[0]
  return text === undefined ? Number.NaN : Number(text.replaceAll(',', ''))
}

/** A filter at the side of a list. */
export const filter = (page: Page, facet: string, value: string | RegExp) =>
  page
    .getByRole('complementary', { name: 'Filters' })
    .getByRole('group', { name: facet, exact: true })
    .getByRole('checkbox', { name: value })

/** Reads what lies in the lake, and returns the revision that it made: a moment that later ones are compared with. */
export function ingest(portal: Served): number {
  const revision = /^revision (\d+):/m.exec(portal.portal('ingest'))?.[1]
  if (revision === undefined) throw new Error('it made no revision')
  return Number(revision)
}
