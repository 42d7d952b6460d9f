import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, startStack } from '@parley/stack'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { Phone } from './phone.ts'

let dataDir: string
let stack: Stack
let browser: Browser
let simulator: SimulatorControl

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-desk-e2e-'))
  stack = await startStack({ dataDir, randomPorts: true })
  browser = await launchBrowser()
  simulator = new SimulatorControl(stack.urls.simulator)
})

afterAll(async () => {
  await simulator?.close()
  await browser?.close()
  await stack?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** What the desk says in each of its languages, as far as a shift needs it. */
const WORDS = {
  'pt-BR': { available: 'Disponível', to: 'Nota para quem assumir', transfer: 'Transferir' },
  'en-GB': { available: 'Available', to: 'Note for whoever takes it', transfer: 'Transfer' },
  'bn-BD': { available: 'উপলব্ধ', to: 'যিনি নেবেন তাঁর জন্য নোট', transfer: 'হস্তান্তর' },
} as const
type Locale = keyof typeof WORDS

/** At the desk and ready for work, signed in by the form, with what the page complained of. */
async function atDesk(login: string, locale: Locale): Promise<{ page: Page; complaints: string[] }> {
  const person = stack.stackJson.people.find((each) => each.login === login)
  if (person === undefined) throw new Error(`Nobody signs in as ${login}.`)
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  // A picture says most about what went wrong.
  onTestFailed(() => page.screenshot({ path: join(tmpdir(), `parley-desk-e2e-${login}.png`) }).then(() => {}))
  await page.goto(`${stack.urls.console}/desk`)
  await page.locator('[name=login]').fill(login)
  await page.locator('[name=password]').fill(person.password)
  await page.locator('[name=password]').press('Enter')
  await page.locator('[data-line=live]').waitFor()
  await page.keyboard.press('s')
  await page.getByRole('option', { name: WORDS[locale].available }).first().click()
  await page.locator('.presence[data-status=available]').waitFor()
  return { page, complaints }
}

const said = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true })

describe('two customers, two agents and a transfer between them', () => {
  test.each([
    ['pt-BR', '551199990101', '551199990102'],
    ['en-GB', '551199990103', '551199990104'],
    ['bn-BD', '551199990105', '551199990106'],
  ] as const)('by the keyboard alone, at desks in %s', async (locale, first, second) => {
    const words = WORDS[locale]
    const phone = await Phone.open(browser, stack.urls.phone, first)
    await phone.say('oi')
    await phone.heard(3)
    await phone.say('atendente')

    const ana = await atDesk('ana', locale)
    const offer = ana.page.getByRole('article')
    await offer.waitFor()
    await ana.page.keyboard.press('Enter')
    await ana.page.locator('.composer').waitFor()
    await said(ana.page, 'atendente').waitFor()
    await ana.page.keyboard.press('r')
    await ana.page.keyboard.type(`Olá, sou a Ana (${locale})`)
    await ana.page.keyboard.press('Enter')
    await phone.page.getByText(`Olá, sou a Ana (${locale})`).waitFor({ timeout: 30_000 })
    await ana.page.locator('[data-status=delivered], [data-status=read]').last().waitFor()

    // A second customer, taken while the first one is open.
    await simulator.write(second, { type: 'text', text: { body: 'oi' } })
    await expect.poll(async () => (await simulator.sent(second)).length, { timeout: 30_000 }).toBe(3)
    await simulator.write(second, { type: 'text', text: { body: 'atendente' } })
    await offer.waitFor()
    await ana.page.keyboard.press('Escape')
    await ana.page.keyboard.press('a')
    await offer.waitFor({ state: 'detached' })

    await ana.page.locator('.row').nth(1).waitFor()
    const firstRow = ana.page.locator('.row').filter({ hasText: 'Ana (' })
    await firstRow.click()
    await said(ana.page, `Olá, sou a Ana (${locale})`).waitFor()
    await ana.page.getByRole('log').focus()
    await ana.page.keyboard.press('n')
    await ana.page.keyboard.type('confirmar o endereço antes')
    await ana.page.keyboard.press('Enter')
    await ana.page.locator('[data-note=true]').getByText('confirmar o endereço antes').waitFor()

    const bruno = await atDesk('bruno', locale)
    await ana.page.keyboard.press('Escape')
    await ana.page.keyboard.press('t')
    await ana.page.keyboard.type('bruno')
    await ana.page.getByRole('option', { name: /Bruno/ }).waitFor()
    await ana.page.keyboard.press('Enter')
    await ana.page.getByRole('textbox', { name: words.to }).fill('segue com você')
    await ana.page.getByRole('dialog').getByRole('button', { name: words.transfer }).click()
    await bruno.page.getByRole('article').waitFor()
    await bruno.page.keyboard.press('Enter')
    await bruno.page.locator('[data-note=true]').getByText('confirmar o endereço antes').waitFor()
    await bruno.page.locator('[data-note=true]').getByText('segue com você').waitFor()
    await expect.poll(() => ana.page.locator('.row').count(), { timeout: 30_000 }).toBe(1)

    await bruno.page.keyboard.press('r')
    await bruno.page.keyboard.type('Aqui é o Bruno')
    await bruno.page.keyboard.press('Enter')
    await phone.page.getByText('Aqui é o Bruno').waitFor({ timeout: 30_000 })
    await bruno.page.keyboard.press('Escape')
    await bruno.page.keyboard.press('e')
    await bruno.page.getByRole('option').first().waitFor()
    await bruno.page.keyboard.press('Enter')
    await phone.page.getByTestId('link-button').waitFor({ timeout: 60_000 })

    const told = JSON.stringify(await simulator.sent(first))
    expect(told).not.toMatch(/confirmar o endereço|segue com você/)
    expect(await phone.page.locator('body').innerText()).not.toMatch(/confirmar o endereço|segue com você/)

    await ana.page.locator('.row').first().click()
    await ana.page.getByRole('log').focus()
    await ana.page.keyboard.press('e')
    await ana.page.getByRole('option').first().waitFor()
    await ana.page.keyboard.press('Enter')
    await expect.poll(() => ana.page.locator('.row').count(), { timeout: 60_000 }).toBe(0)
    expect([...ana.complaints, ...bruno.complaints]).toEqual([])
    for (const page of [ana.page, bruno.page, phone.page]) await page.context().close()
  })
})
