import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stack } from '@parley/stack'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import type { SimulatorControl } from '../demo/simulator-control.ts'
import { AgentDesk, type DeskLocale } from './desk.ts'
import { Phone } from './phone.ts'
import { type WholeStack, wholeStack } from './whole-stack.ts'

let running: WholeStack
let stack: Stack
let browser: Browser
let simulator: SimulatorControl

beforeAll(async () => {
  running = await wholeStack()
  ;({ stack, browser, simulator } = running)
})

afterAll(() => running?.[Symbol.asyncDispose]())

async function atDesk(login: string, locale: DeskLocale): Promise<AgentDesk> {
  const person = stack.stackJson.people.find((each) => each.login === login)
  if (person === undefined) throw new Error(`Nobody signs in as ${login}.`)
  const desk = await AgentDesk.open(browser, stack.urls.console, locale, person)
  // A picture says most about what went wrong.
  onTestFailed(async () => {
    await desk.page.screenshot({ path: join(tmpdir(), `parley-desk-e2e-${login}.png`) })
  })
  return desk
}

const THIRTY_SECONDS = { timeout: 30_000 }

describe('two customers, two agents and a transfer between them', () => {
  test.each([
    ['en-GB', '551199990101', '551199990102'],
    ['pt-BR', '551199990103', '551199990104'],
    ['bn-BD', '551199990105', '551199990106'],
  ] as const)(
    'by the keyboard alone, at desks in %s; no note reaches the customer',
    async (locale, first, second) => {
      const phone = await Phone.open(browser, stack.urls.phone, first)
      await phone.say('oi')
      await phone.heard(3)
      await phone.say('atendente')
      const ana = await atDesk('ana', locale)
      await ana.accept()
      await ana.said('atendente').waitFor()
      await ana.write('r', `Olá, sou a Ana (${locale})`)
      await phone.page.getByText(`Olá, sou a Ana (${locale})`).waitFor(THIRTY_SECONDS)
      await ana.page.locator('[data-status=delivered], [data-status=read]').last().waitFor()

      // Another customer, while the first one's conversation is open.
      await simulator.write(second, { type: 'text', text: { body: 'oi' } })
      await expect.poll(async () => (await simulator.sent(second)).length, THIRTY_SECONDS).toBe(3)
      await simulator.write(second, { type: 'text', text: { body: 'atendente' } })
      await ana.page.getByRole('article').waitFor()
      const opened = ana.page.url()
      await ana.page.keyboard.press('a')
      await ana.page.waitForURL((url) => url.href !== opened)
      await ana.rows.nth(1).waitFor()

      await ana.rows.filter({ hasText: `(${locale})` }).click()
      await ana.said(`Olá, sou a Ana (${locale})`).waitFor()
      await ana.write('n', 'confirmar o endereço antes')
      await ana.noted('confirmar o endereço antes').waitFor()

      const bruno = await atDesk('bruno', locale)
      await ana.transfer('bruno', 'segue com você')
      await bruno.accept()
      await bruno.noted('confirmar o endereço antes').waitFor()
      await bruno.noted('segue com você').waitFor()
      await expect.poll(() => ana.rows.count(), THIRTY_SECONDS).toBe(1)
      await bruno.write('r', 'Aqui é o Bruno')
      await phone.page.getByText('Aqui é o Bruno').waitFor(THIRTY_SECONDS)
      if (locale === 'en-GB') await bruno.pictures(tmpdir())
      await bruno.close()
      await phone.page.getByTestId('link-button').waitFor({ timeout: 60_000 })
      const told =
        JSON.stringify(await simulator.sent(first)) + (await phone.page.locator('body').innerText())
      expect(told).not.toMatch(/confirmar o endereço|segue com você/)

      await ana.rows.first().click()
      await ana.said('atendente').waitFor()
      await ana.close()
      await expect.poll(() => ana.rows.count(), { timeout: 60_000 }).toBe(0)
      expect([...ana.complaints, ...bruno.complaints]).toEqual([])
      await Promise.all([ana.leave(), bruno.leave(), phone.page.context().close()])
    },
  )
})
