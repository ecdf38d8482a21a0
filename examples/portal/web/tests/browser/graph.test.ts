import { axe, expect, seen, test, titled, until } from './bed'

const around = '/graph?ref=service:payments/payments-api'

test('a search begins a graph', async ({ page }) => {
  await page.goto('/graph')
  await page.getByRole('searchbox').fill('payments-api')
  await page
    .getByRole('list', { name: 'Results' })
    .getByRole('button', { name: /payments-api/ })
    .first()
    .click()
  await titled(page, 'payments-api')
  await seen(page.getByRole('button', { name: /^checkout-api ?, service/ }))
  expect(await axe(page)).toEqual([])
})

test('what is in it can be read, on a laptop and on a phone', async ({ open }) => {
  for (const [width, height] of [
    [1280, 900],
    [390, 844],
  ] as const) {
    const page = await open({ width, height })
    for (const [path, root] of [
      [around, 'payments-api'],
      ['/graph?ref=team:payments', 'Payments'],
    ] as const) {
      await page.goto(path)
      await seen(page.getByRole('button', { name: new RegExp(`^${root} ?, (service|team)`) }))
      const letters_px = await page.locator('[data-node]').evaluateAll((nodes) =>
        nodes.flatMap((node) => {
          const scale = node.getBoundingClientRect().width / (node as HTMLElement).offsetWidth
          const lines = [...node.querySelectorAll('.truncate, .line-clamp-2')]
          return lines.map((line) => Number.parseFloat(getComputedStyle(line).fontSize) * scale)
        }),
      )
      expect(Math.min(...letters_px), `${path} at ${width}`).toBeGreaterThan(11.4)
      const canvas = await page.getByRole('region', { name: /^Graph\./ }).boundingBox()
      const centre = await page.locator('[data-node][aria-pressed=true]').boundingBox()
      if (!canvas || !centre) throw new Error('nothing is drawn')
      expect(centre.x).toBeGreaterThanOrEqual(canvas.x)
      expect(centre.x + centre.width).toBeLessThanOrEqual(canvas.x + canvas.width)
      expect(centre.y).toBeGreaterThanOrEqual(canvas.y)
      expect(centre.y + centre.height).toBeLessThanOrEqual(canvas.y + canvas.height)
    }
  }
})

test('pressing a thing shows what is around it, back takes that away, and reload keeps it', async ({
  page,
}) => {
  await page.goto(around)
  const nodes = page.locator('[data-node]')
  const caller = page.getByRole('button', { name: /^checkout-api ?, service/ })
  await seen(caller)
  const before = await nodes.count()
  await caller.click()
  await until(() => nodes.count()).toBeGreaterThan(before)
  expect(await caller.getAttribute('aria-expanded')).toBe('true')
  await seen(
    page.getByRole('complementary', { name: 'Selected' }).getByRole('heading', { name: 'checkout-api' }),
  )
  await page.reload()
  await until(() => nodes.count()).toBeGreaterThan(before)
  await page.goBack()
  await until(() => nodes.count()).toBe(before)
})

test('the keyboard goes from thing to thing, expands and opens', async ({ page }) => {
  await page.goto(around)
  const root = page.getByRole('button', { name: /^payments-api ?, service/ })
  await root.focus()
  await page.keyboard.press('ArrowLeft')
  const label = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  expect(await label()).toMatch(/^(checkout-api|gift-cards|refunds-api), service/)
  await page.keyboard.press('Enter')
  await until(() => new URL(page.url()).searchParams.getAll('expand').length).toBe(1)
  await page.keyboard.press('Home')
  expect(await label()).toMatch(/^payments-api ?, service/)
  await page.keyboard.press('+')
  const selected = page.getByRole('complementary', { name: 'Selected' })
  await selected.getByRole('link', { name: 'Open' }).click()
  await until(() => page.url()).toMatch(/\/services\//)
})

test('dragging and the buttons move and zoom it', async ({ page }) => {
  await page.goto(around)
  const node = page.getByRole('button', { name: /^payments-api ?, service/ })
  await seen(node)
  const box = async () => (await node.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const before = await box()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  expect((await box()).width).toBeGreaterThan(before.width)
  await page.getByRole('button', { name: 'Show all of it' }).click()
  await until(async () => Math.round((await box()).width)).toBe(Math.round(before.width))
  const canvas = (await page.getByRole('region', { name: /^Graph\./ }).boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  }
  await page.mouse.move(canvas.x + 20, canvas.y + 20)
  await page.mouse.down()
  await page.mouse.move(canvas.x + 120, canvas.y + 60)
  await page.mouse.up()
  const after = await box()
  expect([Math.round(after.x - before.x), Math.round(after.y - before.y)]).toEqual([100, 40])
})

test('the list says the same as the drawing, and types can be left out', async ({ page }) => {
  await page.goto(around)
  const lines = page.getByText(/\d+ things?, \d+ relations?/)
  await seen(lines)
  const relations = Number(/(\d+) relation/.exec(await lines.innerText())?.[1])
  await page.getByRole('button', { name: 'Show as list' }).click()
  const table = page.getByRole('table', { name: 'Relations around payments-api' })
  await until(() => table.getByRole('row').count()).toBe(relations + 1)
  await seen(table.getByRole('row', { name: /checkout-api depends on payments-api/ }))
  expect(await axe(page)).toEqual([])
  await page
    .getByRole('group', { name: 'Types that are shown' })
    .getByRole('button', { name: /^Resources/ })
    .click()
  await until(() => table.getByRole('row').count()).toBeLessThan(relations + 1)
  expect(await table.getByRole('row', { name: / uses / }).count()).toBe(0)
})

test('what is not there is said', async ({ page, allow }) => {
  allow(/404/)
  await page.goto('/graph?ref=service:no/such')
  await seen(page.getByText('No such service'))
})
