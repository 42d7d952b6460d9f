import { freePort } from '@parley/stack'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startArchive } from '../../services/archive/src/testing.fixture.ts'
import { says } from '../../services/routing/test/story.ts'
import { useBrowser } from './desk-browser.ts'
import { signedInPage } from './looks.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

const browser = useBrowser()
let world: Awaited<ReturnType<typeof deskWorld>>
let archive: Awaited<ReturnType<typeof startArchive>>
beforeAll(async () => {
  const port = String(await freePort())
  world = await deskWorld({ ARCHIVE_GRPC_ADDRESS: `127.0.0.1:${port}` })
  archive = await startArchive({ PARLEY_NAMESPACE: world.around.namespace, ARCHIVE_GRPC_PORT: port })
})
afterAll(async () => {
  await archive?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})

interface Opened {
  /** What the wallboard shows. */
  readonly text: string
  /** How many conversations the number counts, as the page behind it says; and their ids. */
  readonly counted: number
  readonly ids: readonly string[]
}

test('each figure of the day on the wallboard opens the conversations that it counts, of the company, of a team and of a queue: from the log, over the archive, to the page', async () => {
  const ana = await Person.signedIn(world, 'ana')
  await ana.is('available')
  // Given without an offer.
  const served = await world.waits('cards')
  await world.untilTold(served.contact, 'ConversationAssigned')
  await ana.thread(served.conversationId)
  await world.answers('p01', served, 'Bom dia!')
  expect(
    await ana.post(`/api/conversations/${served.conversationId}/close`, { reason: 'solved' }),
  ).toMatchObject({
    status: 200,
  })
  await ana.is('busy')
  const left = await world.waits('cards')
  await world.wish(left.contact, says('parar'))
  await world.untilTold(left.contact, 'ConversationClosed')

  /** Of the tile, or of the word beside a tile's number; then back to the wallboard. */
  const opened = async (page: Page, href: RegExp): Promise<Opened> => {
    await page.locator('[data-line=live]').waitFor()
    const link = page.locator('.tiles a[href^="/search"]')
    const at = async () => {
      const all = await link.evaluateAll<string[], { getAttribute(name: string): string }>((links) =>
        links.map((each) => each.getAttribute('href')),
      )
      return all.findIndex((one) => href.test(one))
    }
    await until(`there is ${String(href)}`, async () => (await at()) >= 0)
    const number = link.nth(await at())
    await until('something is counted', async () => /[1-9]/.test(await number.innerText()))
    const text = await number.innerText()
    await number.click()
    const found = page.locator('[data-counted]')
    await found.waitFor()
    const counted = Number(await found.getAttribute('data-counted'))
    const ids = await page
      .locator('.results li')
      .evaluateAll<(string | null)[], { getAttribute(name: string): string | null }>((rows) =>
        rows.map((row) => row.getAttribute('data-id')),
      )
    await page.goBack()
    return { text, counted, ids: ids.map(String).toSorted() }
  }
  const both = [served.conversationId, left.conversationId].toSorted()
  await until('both are counted', async () => {
    const { body } = await (await Person.signedIn(world, 'vera')).get('/api/wallboard')
    return body['totals'].handledToday === 1 && body['totals'].abandonedPercent === 50
  })
  for (const [login, path] of [
    ['vera', '/wallboard'],
    ['vera', '/wallboard?queue=cards'],
    ['sonia', '/wallboard'],
  ] as const) {
    const page = await signedInPage(browser(), login, `${world.agent.url}${path}`, {
      viewport: { width: 1920, height: 1080 },
    })
    expect({
      login,
      path,
      waits: await opened(page, /metric=service_level/),
      abandoned: await opened(page, /metric=abandonment/),
      handled: await opened(page, /metric=handled/),
    }).toEqual({
      login,
      path,
      waits: { text: '50%', counted: 2, ids: both },
      abandoned: { text: '50%', counted: 1, ids: [left.conversationId] },
      handled: { text: '1', counted: 1, ids: [served.conversationId] },
    })
    await page.context().close()
  }
}, 600_000)
