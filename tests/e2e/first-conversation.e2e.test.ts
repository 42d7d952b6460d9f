import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Stack, startStack } from '@parley/stack'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, fetchTranscript } from '../demo/ledger.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { launchBrowser } from './browser.ts'

let dataDir: string
let stack: Stack
let browser: Browser
let simulator: SimulatorControl

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-e2e-'))
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

/** One customer's phone, in Portuguese. */
async function phoneOf(waId: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'pt-BR' })
  const page = await context.newPage()
  await page.goto(`${stack.urls.phone}?waId=${waId}`)
  return page
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId('composer').fill(text)
  await page.getByTestId('composer').press('Enter')
}

/** Waits until the robot has said so many things. */
async function heard(page: Page, count: number): Promise<void> {
  await expect
    .poll(() => page.locator('[data-testid=message][data-direction=in]').count(), { timeout: 30_000 })
    .toBeGreaterThanOrEqual(count)
}

/** Taps an offer, whether it stands under the message as a button or in a list. */
async function choose(page: Page, title: RegExp): Promise<void> {
  const button = page.getByTestId('reply-button').filter({ hasText: title }).last()
  if ((await button.count()) > 0) return button.click()
  await page.getByTestId('list-open').last().click()
  await page.getByTestId('list-row').filter({ hasText: title }).last().click()
  const send = page.getByTestId('list-send')
  if ((await send.count()) > 0) await send.click()
  return undefined
}

test('a customer writes "oi", the robot answers, and the link opens the whole recorded conversation', async () => {
  const waId = '5511987650001'
  const page = await phoneOf(waId)
  await say(page, 'oi')
  await heard(page, 2)
  await choose(page, /cart/i)
  await heard(page, 3)
  await say(page, '529.982.247-25')
  await heard(page, 4)
  await say(page, '4321')
  await heard(page, 5)
  await say(page, '20/11/2026')
  await heard(page, 6)
  await say(page, 'No mercado perto de casa')
  await heard(page, 7)
  await choose(page, /confirm|sim/i)
  const link = page.getByTestId('link-button').last()
  await link.waitFor({ timeout: 30_000 })
  const href = await link.getAttribute('href')
  expect(href).toMatch(/\/t\/[A-Za-z0-9_-]{40,}$/)

  const sent = await simulator.sent(waId)
  const wrote = await page
    .locator('[data-testid=message][data-direction=out]')
    .evaluateAll((bubbles) => bubbles.map((bubble) => bubble.dataset['id'] ?? ''))
  expect(wrote).toHaveLength(7)
  await expect
    .poll(async () => compare({ waId, wrote }, sent, await fetchTranscript(href!)), { timeout: 15_000 })
    .toEqual([])

  const [transcript] = await Promise.all([page.context().waitForEvent('page'), link.click()])
  await transcript.waitForLoadState()
  const shown = await transcript.locator('main').innerText()
  const inOrder = ['oi', '529.982.247-25', '4321', 'No mercado perto de casa'].map((text) =>
    shown.indexOf(text),
  )
  expect(inOrder).not.toContain(-1)
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
  const serious = (await new AxeBuilder({ page: transcript }).analyze()).violations.filter(
    ({ impact }) => impact === 'serious' || impact === 'critical',
  )
  expect(serious.map(({ id }) => id)).toEqual([])
  await page.context().close()
})

test('the privacy line is the first thing that a new customer is shown, and the record has it before the robot', async () => {
  const waId = '5511987650002'
  await simulator.write(waId, { type: 'text', text: { body: 'oi' } })
  await expect
    .poll(async () => (await simulator.sent(waId)).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(2)
  const [first] = await simulator.sent(waId)
  expect(first!.body.text!.body).toMatch(/Meta/)
})

test('after STOP nothing more is sent', async () => {
  const waId = '5511987650003'
  await simulator.write(waId, { type: 'text', text: { body: 'oi' } })
  await expect
    .poll(async () => (await simulator.sent(waId)).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(2)
  await simulator.write(waId, { type: 'text', text: { body: 'PARAR' } })
  await simulator.write(waId, { type: 'text', text: { body: 'ainda estão aí?' } })
  // A later customer's whole exchange: by then the two messages above were taken in long ago.
  const later = '5511987650004'
  const before = (await simulator.sent(waId)).length
  await simulator.write(later, { type: 'text', text: { body: 'oi' } })
  await expect
    .poll(async () => (await simulator.sent(later)).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(2)
  expect((await simulator.sent(waId)).length).toBe(before)
})
