import { AxeBuilder } from '@axe-core/playwright'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { passwordFor } from '../../services/agent/src/adapters/testing/running-agent.ts'
import { buildDesk } from '../../services/console/build.ts'
import { says } from '../../services/routing/test/story.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

let world: Awaited<ReturnType<typeof deskWorld>>
let browser: Browser
beforeAll(async () => {
  await buildDesk()
  ;[world, browser] = await Promise.all([deskWorld(), launchBrowser()])
})
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})
afterAll(async () => {
  await browser?.close()
  await world?.[Symbol.asyncDispose]()
})

/** Somebody who is signed in, at that page. */
async function at(login: string, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1920, height: 1080 },
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(`${world.agent.url}${path}`)
  await page.locator('[name=login]').fill(login)
  await page.locator('[name=password]').fill(passwordFor(login))
  await page.locator('[name=password]').press('Enter')
  await page.locator('[data-line=live]').waitFor()
  return page
}

const digits = (page: Page, name: string) =>
  page.getByRole('region', { name, exact: true }).locator('.digits')
const numberIn = async (page: Page, name: string) => Number(await digits(page, name).textContent())

test('the wallboard changes within a second of what a customer does, and the number opens exactly its rows', async () => {
  const page = await at('vera', '/wallboard')
  const before = await numberIn(page, 'Waiting')
  const took: number[] = []
  // The machine may do something else for a second, but not each time.
  for (let one = 1; one <= 3; one += 1) {
    await world.waits('general')
    const waits = performance.now()
    await until('the number is one more', async () => (await numberIn(page, 'Waiting')) === before + one)
    took.push(performance.now() - waits)
  }
  expect(Math.min(...took)).toBeLessThan(1_000)
  const { conversationId } = await world.waits('general')
  await until('the number is one more', async () => (await numberIn(page, 'Waiting')) === before + 4)
  await digits(page, 'Waiting').click()
  await page.locator(`[data-id="${conversationId}"]`).waitFor()
  expect(await page.locator('[data-count]').getAttribute('data-count')).toBe(String(before + 4))
  expect(await page.locator('.live-list li').count()).toBe(before + 4)
})

test('a supervisor reads along, whispers, takes over and gives back; the agent sees the whisper beside the composer, the customer never', async () => {
  const ana = await Person.signedIn(world, 'ana')
  const { contact, conversationId: id } = await world.waits('general')
  await ana.is('busy')
  expect(await ana.post(`/api/conversations/${id}/claim`)).toMatchObject({ status: 200 })
  const desk = await at('ana', `/desk/mine/${id}`, { viewport: { width: 1440, height: 900 } })
  await desk.getByRole('log').getByText('oi', { exact: true }).waitFor()
  const live = await at('sonia', '/wallboard/live')
  const marks: string[] = []
  live.on('request', (request) => void (request.url().endsWith('/read') && marks.push(request.url())))
  const row = live.locator(`[data-id="${id}"]`)
  await row.getByRole('button', { name: 'Whisper' }).click()
  await live.getByLabel('Whisper to Ana Souza').fill('Ofereça o desconto.')
  await live.getByRole('button', { name: 'Send' }).click()
  await desk.locator('.whisper').getByText('Ofereça o desconto.').waitFor()
  expect(await desk.locator('.whisper').innerText()).toContain('Sônia Castro whispers')

  await row.getByRole('link', { name: 'Read along' }).click()
  await live.locator('[data-line=live]').waitFor()
  await world.wish(contact, says('tem desconto?'))
  await live.getByRole('log').getByText('tem desconto?', { exact: true }).waitFor()
  expect(marks).toEqual([])
  await live.getByRole('button', { name: 'Take over' }).click()
  await live.getByRole('textbox', { name: 'Reply to the customer' }).waitFor()
  await desk
    .locator('.toast[data-kind=trouble]')
    .getByText('Sônia Castro has the conversation now.')
    .waitFor()
  await world.wishPool('SetPresence', { agentId: 'p01', status: 'available' })
  await live.getByRole('button', { name: 'Give back' }).click()
  await desk.getByRole('textbox', { name: 'Reply to the customer' }).waitFor()

  const words = (await world.told(contact))
    .filter(({ type }) => type === 'MessageSendRequested')
    .flatMap(({ envelope }) => envelope.content.map(({ value }) => Buffer.from(value).toString('utf8')))
  expect(words.join('\n')).not.toContain('desconto')
  if (process.env['SCREENSHOTS'] !== undefined)
    await desk.screenshot({ path: `${process.env['SCREENSHOTS']}/whisper.png` })
})

test.for([
  ['pt-BR', 'dark', 1920, 1080],
  ['en-GB', 'light', 1920, 1080],
  ['bn-BD', 'dark', 3840, 2160],
] as const)(
  'in %s, %s, at %i × %i its digits are a fourteenth of the height, nothing scrolls, nothing is told by colour alone',
  async ([locale, colorScheme, width, height]) => {
    const page = await at('vera', '/wallboard', {
      locale,
      colorScheme,
      viewport: { width, height },
      bypassCSP: true,
    })
    await page.locator('.tile').first().waitFor()
    const sizes = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.digits')].map((each) => Number.parseFloat(getComputedStyle(each).fontSize))`,
    )
    expect(sizes.length).toBeGreaterThanOrEqual(6)
    // Of a digit's own height, which is 0.7 of the size of its type and more.
    for (const size of sizes) expect(size * 0.7).toBeGreaterThanOrEqual(height / 14)
    const outside = await page.evaluate<string[]>(`(() => {
      const { scrollHeight, scrollWidth, clientHeight, clientWidth } = document.documentElement
      const all = [...document.querySelectorAll('.wallboard, .wallboard main, .below, .tile')]
      return [
        ...(scrollHeight > clientHeight || scrollWidth > clientWidth ? ['the page'] : []),
        ...all
          .filter((each) => each.scrollHeight - each.clientHeight > 1 || each.getBoundingClientRect().bottom > clientHeight + 1)
          .map((each) => each.className),
      ]
    })()`)
    expect(outside).toEqual([])
    for (const tile of await page.locator('.tile[data-verdict]:not([data-verdict=none]) .verdict').all())
      expect(await tile.innerText()).toMatch(/[✓▲✖] \S+/)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([])
    if (process.env['SCREENSHOTS'] !== undefined)
      await page.screenshot({
        path: `${process.env['SCREENSHOTS']}/wallboard-${locale}-${colorScheme}-${height}.png`,
      })
  },
)

test('a television shows the numbers of who set it up, and nobody’s name; ended it goes dark', async () => {
  const vera = await Person.signedIn(world, 'vera')
  const made = await vera.change('POST', '/api/wallboard/televisions', {}, null)
  expect(made).toMatchObject({ status: 200, body: { url: expect.stringMatching(/\/tv\/[\w-]{43}$/) } })
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1920, height: 1080 } })
  const page = await context.newPage()
  await page.goto(made.body['url'])
  await page.locator('.tile').first().waitFor()
  expect(await page.locator('a').count()).toBe(0)
  const cut = new AbortController()
  const answer = await fetch(`${made.body['url']}/stream`, { signal: cut.signal })
  let told = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body ?? []) {
    told += decoder.decode(chunk as Uint8Array, { stream: true })
    if (/^data: .*\n\n/m.test(told)) break
  }
  cut.abort()
  expect(told).not.toMatch(/"id":"p\d\d"/)
  expect(told).toContain('"waiting":')
  await vera.change('DELETE', `/api/wallboard/televisions/${made.body['id']}`, {}, null)
  expect((await fetch(`${made.body['url']}/stream`)).status).toBe(404)
  expect((await fetch(`${world.agent.url}/tv/no-such-token/targets`)).status).toBe(404)
})

test('a stream that says nothing for seven seconds is told plainly, and is over when it is back', async () => {
  const page = await at('vera', '/wallboard')
  await page.route('**/api/wallboard/stream**', (route) => route.abort())
  await page.reload()
  await page
    .getByRole('alert')
    .getByText(/Nothing has come for \d+ s/)
    .waitFor()
  await page.unroute('**/api/wallboard/stream**')
  await page.locator('[data-line=live]').waitFor()
  expect(await page.locator('.banner').count()).toBe(0)
})
