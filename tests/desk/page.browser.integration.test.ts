import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsOf, says } from '../../services/routing/test/story.ts'
import { reply, until, useBrowser } from './desk-browser.ts'
import { signedInPage } from './looks.ts'
import { deskWorld } from './world.ts'

const browser = useBrowser()
let service: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  service = await deskWorld()
})
afterAll(() => service?.[Symbol.asyncDispose]())

/** One person's desk in a browser of its own, signed in by the form. */
async function at(login: string, path = '/desk') {
  const page = await signedInPage(browser(), login, `${service.agent.url}${path}`)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.locator('[data-line=live]').waitFor()
  return { page, complaints, [Symbol.asyncDispose]: () => page.context().close() }
}

const row = (page: Page, id: string) => page.locator(`[data-id="${id}"]`)
const said = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true })

async function choosePresence(page: Page, name: 'Available' | 'Busy') {
  await page.keyboard.press('s')
  await page.getByRole('option', { name }).click()
  await page.getByRole('button', { name: `Your presence: ${name}` }).waitFor()
}

test('what waits is claimed, answered, held, parked over nothing unread, and closed with five seconds to undo it', async () => {
  await using ana = await at('ana')
  const { page } = ana
  await choosePresence(page, 'Busy')
  const { contact, conversationId: id } = await service.waits('general')
  await page.keyboard.press('2')
  await row(page, id).click()
  await said(page, 'oi').waitFor()
  await page.keyboard.press('c')
  await page.getByRole('button', { name: 'Put on hold' }).waitFor()
  await page.keyboard.press('r')
  await page.keyboard.type('Bom dia!')
  await page.keyboard.press('Enter')
  await until(async () =>
    expect(
      factsOf(await service.told(contact), 'MessageSendRequested').some(
        ({ purpose }) => purpose === 'agent_message',
      ),
    ).toBe(true),
  )
  await said(page, 'Bom dia!').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('o')
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  await page.keyboard.press('u')
  await page.getByRole('button', { name: /^Park/ }).waitFor()
  await service.wish(contact, says('e agora?'))
  await said(page, 'e agora?').waitFor()
  await page.keyboard.press('p')
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  // A word of the customer's brings it back to who is there for it.
  await choosePresence(page, 'Available')
  await service.wish(contact, says('obrigada'))
  await said(page, 'obrigada').waitFor()
  await page.getByRole('button', { name: /^Park/ }).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('option', { name: 'solved' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText(/It stays open/).waitFor()
  await page.keyboard.press('e')
  await page.getByRole('option', { name: 'solved' }).waitFor()
  await page.keyboard.press('Enter')
  await service.untilTold(contact, 'ConversationEnding')
  expect(ana.complaints).toEqual([])
})

test('of two who take one conversation one has it; the other is told, and a note calls them into it', async () => {
  await using ana = await at('ana', '/desk/waiting')
  await using bruno = await at('bruno', '/desk/waiting')
  await choosePresence(ana.page, 'Busy')
  await choosePresence(bruno.page, 'Busy')
  const { conversationId: id } = await service.waits('general')
  for (const { page } of [ana, bruno]) {
    await row(page, id).click()
    await said(page, 'oi').waitFor()
  }
  // Neither wish goes out before both have been made: who is told of the other's first makes none.
  const { promise: bothMade, resolve: go } = Promise.withResolvers<void>()
  let made = 0
  for (const { page } of [ana, bruno]) {
    await page.route('**/claim', async (route) => {
      made += 1
      if (made === 2) go()
      await bothMade
      await route.continue()
    })
    await page.keyboard.press('c')
  }
  const hold = (page: Page) => page.getByRole('button', { name: 'Put on hold' })
  await until(async () => expect((await hold(ana.page).count()) + (await hold(bruno.page).count())).toBe(1))
  const [owner, other, name] =
    (await hold(ana.page).count()) === 1
      ? [ana.page, bruno.page, 'Bruno Lima']
      : [bruno.page, ana.page, 'Ana Souza']
  const winner = owner === ana.page ? 'Ana Souza' : 'Bruno Lima'
  await other.locator('.toast[data-kind=trouble]').getByText(winner).waitFor()
  await other.goto(`${service.agent.url}/desk`)
  await other.locator('[data-line=live]').waitFor()
  await reply(owner).waitFor()
  await owner.keyboard.press('n')
  await owner.getByRole('textbox', { name: /Note for colleagues/ }).waitFor()
  await owner.keyboard.type(`@${name} você conhece este caso?`)
  await owner.keyboard.press('Enter')
  await owner.locator('[data-note=true]').getByText('você conhece este caso?').waitFor()
  await other.getByRole('button', { name: 'Open it' }).click()
  await other.locator('[data-note=true]').getByText('você conhece este caso?').waitFor()
})

test('a draft, the settings and what was found are there on another machine; what is typed while the line is away goes out once', async () => {
  await using ana = await at('ana')
  await choosePresence(ana.page, 'Busy')
  const { contact, conversationId: id } = await service.waits('general')
  await service.wish(contact, says('meu cartão de pontos sumiu'))
  await ana.page.keyboard.press('2')
  await row(ana.page, id).click()
  await said(ana.page, 'meu cartão de pontos sumiu').waitFor()
  await ana.page.keyboard.press('c')
  await reply(ana.page).fill('ainda escrevendo')
  await ana.page.getByText('Draft saved').waitFor()
  await ana.page.getByRole('button', { name: 'Settings' }).click()
  await ana.page.getByRole('radio', { name: 'Compact' }).click()
  await ana.page.keyboard.press('Escape')

  await using second = await at('ana')
  const { page } = second
  await page.locator('.rows[data-density=compact]').waitFor()
  await page.keyboard.press('f')
  await page.keyboard.type('cartão de pontos')
  await row(page, id).click()
  await until(async () => expect(await reply(page).inputValue()).toBe('ainda escrevendo'))
  await page.context().setOffline(true)
  await page.locator('[data-line=lost]').waitFor()
  await reply(page).fill('escrito sem linha')
  await reply(page).press('Enter')
  await page.locator('[data-unsent]').waitFor()
  await page.context().setOffline(false)
  await page.locator('[data-line=live]').waitFor()
  await page.locator('[data-unsent]').waitFor({ state: 'detached' })
  await said(ana.page, 'escrito sem linha').waitFor()
  expect(await said(page, 'escrito sem linha').count()).toBe(1)
  expect([...ana.complaints, ...second.complaints]).toEqual([])
})
