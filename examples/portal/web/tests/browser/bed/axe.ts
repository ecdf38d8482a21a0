import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds wrong with what is shown now, in both themes: one line for each element, none where all is well. Every
 * rule of axe, its best practices too.
 */
export async function axe(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    await page.waitForFunction(
      (dark) => document.documentElement.classList.contains('dark') === dark,
      theme === 'dark',
    )
    if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
    const { violations } = await page.evaluate(async () => {
      await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))
      return (window as unknown as { axe: typeof import('axe-core') }).axe.run(document, {
        resultTypes: ['violations'],
      })
    })
    for (const { id, help, nodes } of violations)
      for (const { html, failureSummary } of nodes)
        found.push(
          `${theme}: ${id}: ${help}: ${html.slice(0, 200)}: ${failureSummary?.split('\n')[1]?.trim()}`,
        )
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}
