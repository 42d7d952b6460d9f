import { AxeBuilder } from '@axe-core/playwright'
import type { Stack } from '@parley/stack'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, fetchTranscript } from '../demo/ledger.ts'
import type { SentMessage, SimulatorControl } from '../demo/simulator-control.ts'
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

test('a customer writes "oi", the robot answers, and the link opens the whole recorded conversation', async () => {
  const waId = '5511987650001'
  const phone = await Phone.open(browser, stack.urls.phone, waId)
  const href = await phone.reportLostCard()
  expect(href).toMatch(/\/t\/[A-Za-z0-9_-]{40,}$/)

  const sent = await simulator.sent(waId)
  const wrote = await phone.wrote()
  expect(wrote).toHaveLength(7)
  await expect.poll(async () => compare({ waId, wrote }, sent, await fetchTranscript(href))).toEqual([])

  const [transcript] = await Promise.all([
    phone.page.context().waitForEvent('page'),
    phone.page.getByTestId('link-button').click(),
  ])
  await transcript.waitForLoadState()
  const shown = await transcript.locator('main').innerText()
  const inOrder = ['oi', 'CPF', '••••••', 'No mercado perto de casa'].map((text) => shown.indexOf(text))
  expect(shown).not.toMatch(/529\.982\.247/)
  expect(inOrder).not.toContain(-1)
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
  const serious = (await new AxeBuilder({ page: transcript }).analyze()).violations.filter(
    ({ impact }) => impact === 'serious' || impact === 'critical',
  )
  expect(serious.map(({ id }) => id)).toEqual([])
  await phone.page.context().close()
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

/** At the console, signed in by the form with what stack.json says. */
async function signedIn(role: string, path = '/') {
  const person = stack.stackJson.people.find(({ roles }) => roles.includes(role))!
  const page = await (await browser.newContext({ locale: 'en' })).newPage()
  await page.goto(`${stack.urls.console}${path}`)
  await page.getByLabel('Login').fill(person.login)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${stack.urls.console}${path}`)
  return { person, page }
}

test('an agent signs in and is shown who they are; the auditor finds it in the audit, which the agent may not read', async () => {
  const { person, page } = await signedIn('agent')
  await page.getByText(person.name).waitFor()
  expect((await page.goto(`${stack.urls.console}/audit`))?.status()).toBe(403)

  const auditor = await signedIn('auditor', '/audit')
  const found = async () =>
    (await auditor.page.request.get(`${stack.urls.console}/api/audit?person=${person.login}`)).json()
  await expect
    .poll(found, { timeout: 30_000 })
    .toMatchObject({ entries: [{ type: 'access_refused' }, { type: 'signed_in' }] })
  const { entries } = (await found()) as { entries: readonly { person: { name: string } }[] }
  expect(entries[0]?.person.name).toBe(person.name)
  await auditor.page.reload()
  await auditor.page.getByText(person.login).first().waitFor()
  for (const each of [page, auditor.page]) await each.context().close()
})

/** A later customer's whole exchange: what others wrote before was taken in long ago. */
async function exchange(waId: string): Promise<void> {
  await simulator.write(waId, { type: 'text', text: { body: 'oi' } })
  await expect
    .poll(async () => (await simulator.sent(waId)).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(2)
}

test('after STOP nothing more is sent but how to begin again', async () => {
  const waId = '5511987650003'
  await simulator.write(waId, { type: 'text', text: { body: 'oi' } })
  await expect.poll(async () => (await simulator.sent(waId)).length, { timeout: 30_000 }).toBe(3)
  await simulator.write(waId, { type: 'text', text: { body: 'PARAR' } })
  await expect.poll(async () => (await simulator.sent(waId)).length, { timeout: 30_000 }).toBe(4)
  await simulator.write(waId, { type: 'text', text: { body: 'ainda estão aí?' } })
  await exchange('5511987650004')
  expect((await simulator.sent(waId)).length).toBe(4)
})

test('a STOP goes with who said it: to the other spelling of the number, and to the business-scoped id of the new one', async () => {
  const [old, spelledOtherwise] = ['5511987650005', '551187650005']
  const [next, nextUserId] = ['5521987650006', 'BR.70000000000000000006']
  await simulator.write(old, { type: 'text', text: { body: 'PARAR' } })
  await exchange('5511987650013')
  // How to begin again, and no more than that.
  const before = await simulator.sent(old)
  expect(before.length).toBeLessThanOrEqual(1)
  await simulator.write(spelledOtherwise, { type: 'text', text: { body: 'oi' } })
  await exchange('5511987650007')
  const body = 'mudou de número'
  await simulator.write(old, {
    type: 'system',
    system: { type: 'user_changed_number', body, wa_id: next, user_id: nextUserId },
  })
  await exchange('5511987650008')
  await simulator.write(nextUserId, { type: 'text', text: { body: 'oi' } })
  await exchange('5511987650009')
  expect(await simulator.sent(old)).toEqual(before)
  for (const each of [next, nextUserId]) expect(await simulator.sent(each)).toEqual([])
})

test('while somebody of the company writes in the WhatsApp Business app, the robot says nothing', async () => {
  const waId = '5511987650010'
  await simulator.writeInApp(waId, { type: 'text', text: { body: 'Aqui é a Carla, do banco' } })
  await exchange('5511987650011')
  await simulator.write(waId, { type: 'text', text: { body: 'oi, Carla' } })
  await exchange('5511987650012')
  expect(await simulator.sent(waId)).toEqual([])
})

test('a burst is one answer, an edit changes the summary, an old Confirm confirms nothing, and after the end it is too late', async () => {
  const waId = '5511987650014'
  const text = (body: string) => ({ type: 'text', text: { body } })
  const wordsOf = ({ body }: SentMessage) => body.text?.body ?? body.interactive?.body.text ?? ''
  /** What the customer reads last, once it says this. */
  const reads = async (words: RegExp): Promise<SentMessage> => {
    const last = async () => (await simulator.sent(waId)).at(-1)
    await expect.poll(async () => wordsOf((await last())!), { timeout: 30_000 }).toMatch(words)
    return (await last())!
  }
  const taps = ({ id }: SentMessage, type: 'list_reply' | 'button_reply', option: string) =>
    simulator.write(waId, {
      type: 'interactive',
      context: { id },
      interactive: { type, [type]: { id: option, title: option } },
    })
  const edits = (original_message_id: string, body: string) =>
    simulator.write(waId, { type: 'edit', edit: { original_message_id, message: text(body) } })

  await simulator.write(waId, text('oi'))
  await taps(await reads(/Como posso ajudar/), 'list_reply', 'lost_card')
  await reads(/CPF/)
  await simulator.write(waId, text('529.982.247-25'))
  await reads(/4 últimos/)
  const card = await simulator.write(waId, text('1111'))
  await reads(/Quando/)
  await simulator.write(waId, text('ontem'))
  await reads(/Onde/)
  await simulator.write(waId, text('no shopping'))
  await simulator.write(waId, text('Ibirapuera, perto do cinema'))
  const first = await reads(/1111[^]*Local: no shopping Ibirapuera, perto do cinema/)
  await edits(card, '2222')
  await reads(/2222[^]*Local: no shopping Ibirapuera/)
  await taps(first, 'button_reply', 'confirm')
  await taps(await reads(/mudada[^]*2222/), 'button_reply', 'confirm')
  await expect
    .poll(async () => (await simulator.sent(waId)).map(({ body }) => body.interactive?.type), {
      timeout: 30_000,
    })
    .toContain('cta_url')
  expect((await simulator.sent(waId)).map(wordsOf).join('\n')).toMatch(/final 2222 está registrada/)
  await edits(card, '3333')
  await reads(/já está registrado/)
})
