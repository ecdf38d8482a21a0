import { expect, gone, seen, test, titled, until } from './bed'

const down = 'The portal does not answer.'

test('a portal that is gone is said, what was read stays, and it recovers by itself', async ({
  page,
  portal,
  allow,
}) => {
  // The page may ask while it has just begun and is not ready yet.
  allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|503/)
  await page.goto('/services')
  const card = page.getByRole('article').first()
  await seen(card)
  const name = await card.getByRole('heading').innerText()
  await portal.kill()
  await page.getByRole('searchbox', { name: 'Search services' }).fill(name)
  const banner = page.getByRole('status').filter({ hasText: down })
  await seen(banner)
  await seen(page.getByRole('article', { name }))

  await portal.again()
  await gone(banner)
  await until(() => page.getByRole('article').count()).toBeGreaterThan(0)
  await seen(page.getByRole('article', { name }))
})

test('a portal that hangs is said as well', async ({ page, portal }) => {
  await page.clock.install()
  await page.goto('/services')
  await seen(page.getByRole('article').first())
  portal.freeze()
  // The next refresh gets no answer, and is given up in time.
  await page.clock.fastForward(31_000)
  await page.clock.fastForward(21_000)
  const banner = page.getByRole('status').filter({ hasText: down })
  await seen(banner)
  await seen(page.getByRole('article').first())
  // Before it answers again: the page tries by itself, and then there is nothing to press.
  await page.getByRole('button', { name: 'Try now' }).click()
  portal.thaw()
  await gone(banner)
})

test('a page that is opened while the portal is gone says so, and mends itself', async ({
  page,
  portal,
  allow,
}) => {
  // The page may ask while it has just begun and is not ready yet.
  allow(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|503/)
  await page.goto('/services')
  await titled(page, 'Services')
  await portal.kill()
  // Not even its script is there.
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: 'Sources', exact: true })
    .click()
  await seen(page.getByRole('status').filter({ hasText: down }))
  await portal.again()
  await seen(page.getByRole('table', { name: 'Coverage by scope and kind' }))
})

test('the list is refreshed every 30 seconds, and does not flicker', async ({ page, portal }) => {
  await page.clock.install()
  await page.goto('/services?team=search')
  const card = page.getByRole('article', { name: 'search-api' })
  await seen(card)
  await page.evaluate(() => {
    const seen = { loading: 0, removed: 0 }
    Object.assign(window, { seen })
    new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        for (const node of addedNodes)
          if (
            node instanceof Element &&
            (node.matches('.animate-breathe') || node.querySelector('.animate-breathe'))
          )
            seen.loading += 1
        for (const node of removedNodes)
          if (node instanceof Element && (node.matches('article') || node.querySelector('article')))
            seen.removed += 1
      }
    }).observe(document.body, { childList: true, subtree: true })
  })

  const one = '/api/v1alpha/services/search/search-api'
  const etag = (await page.request.get(one)).headers().etag ?? ''
  const edited = await page.request.patch(`${portal.url}${one}`, {
    headers: { 'If-Match': etag, 'Content-Type': 'application/json' },
    data: { description: 'Changed by somebody else' },
  })
  expect(edited.status()).toBe(200)
  await page.clock.fastForward(31_000)
  await seen(card.getByText('Changed by somebody else'))
  expect(await page.evaluate(() => (window as unknown as { seen: object }).seen)).toEqual({
    loading: 0,
    removed: 0,
  })
})
