import { AxeBuilder } from '@axe-core/playwright'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../src/index.ts'
import { callerOf, eventually, phoneNumberId, startProduct, startSimulatorFor } from './product.ts'

const ana = '5511987650001'
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** A phone in the hands of a customer, with what its page complained about. */
const pickUp = async (
  simulator: Simulator,
  look: { colorScheme?: 'light' | 'dark'; locale?: string; width?: number; height?: number } = {},
) => {
  const { colorScheme = 'light', locale = 'pt-BR', width = 360, height = 740 } = look
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${simulator.url}/?waId=${ana}&name=Ana%20Souza`)
  await page.getByRole('heading', { name: 'Banco Parley' }).waitFor()
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}
const messages = (page: Page, direction: 'in' | 'out') =>
  page.locator(`[data-testid=message][data-direction=${direction}]`)

describe('the phone page', () => {
  test('writes, taps buttons, chooses from lists, and opens the link', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page, complaints } = phone
    const { send } = callerOf(simulator)

    await page.getByTestId('composer').fill('oi')
    await page.keyboard.press('Enter')
    await messages(page, 'out').filter({ hasText: 'oi' }).waitFor()
    await page.locator('[data-direction=out][data-status=delivered]').waitFor()
    expect(product.messages()).toMatchObject([{ from: ana, type: 'text', text: { body: 'oi' } }])

    await send(
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'Como posso ajudar?' },
          action: { buttons: [{ type: 'reply', reply: { id: 'card', title: 'Perdi meu cartão' } }] },
        },
      },
      ana,
    )
    await page.getByTestId('reply-button').click()
    await messages(page, 'out').filter({ hasText: 'Perdi meu cartão' }).waitFor()
    expect(await page.getByTestId('reply-button').isDisabled()).toBe(true)

    await send(
      {
        type: 'interactive',
        interactive: {
          type: 'list',
          body: { text: 'Qual?' },
          action: {
            button: 'Cartões',
            sections: [{ rows: [{ id: 'c1', title: 'Final 4021', description: 'Visa' }] }],
          },
        },
      },
      ana,
    )
    await page.getByTestId('list-open').click()
    await page.getByTestId('list-row').click()
    await messages(page, 'out').filter({ hasText: 'Final 4021' }).waitFor()
    const answers = await eventually(
      'three messages',
      () => product.messages().length === 3 && product.messages(),
    )
    expect(answers.slice(1)).toMatchObject([
      { interactive: { type: 'button_reply', button_reply: { id: 'card', title: 'Perdi meu cartão' } } },
      {
        interactive: {
          type: 'list_reply',
          list_reply: { id: 'c1', title: 'Final 4021', description: 'Visa' },
        },
      },
    ])

    const link = { display_text: 'Abrir o registro', url: `${simulator.url}/healthz` }
    await send(
      {
        type: 'interactive',
        interactive: {
          type: 'cta_url',
          body: { text: 'O registro' },
          action: { name: 'cta_url', parameters: link },
        },
      },
      ana,
    )
    const [opened] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByTestId('link-button').click(),
    ])
    await opened.waitForURL(link.url)
    expect(complaints).toEqual([])
  })

  test('shows ticks and typing, and reads only what is looked at', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page } = phone
    const { graph, text } = callerOf(simulator)
    await page.getByTestId('composer').fill('oi')
    await page.getByTestId('send').click()
    await page.locator('[data-direction=out][data-status=delivered]').waitFor()
    await graph('POST', `/${phoneNumberId}/messages`, {
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: product.messages()[0]?.['id'],
      typing_indicator: { type: 'text' },
    })
    await page.locator('[data-direction=out][data-status=read]').waitFor()
    await page.getByTestId('typing').waitFor()

    const { body } = await text('olá', ana)
    await messages(page, 'in').filter({ hasText: 'olá' }).waitFor()
    expect(await page.getByTestId('typing').isVisible()).toBe(false)
    const statuses = () => product.statusesOf(body.messages[0].id).map((status) => status['status'])
    await eventually('the read status', () => statuses().includes('read'))

    await page.goto('about:blank')
    const { body: unseen } = await text('e agora?', ana)
    await eventually('delivery', () => product.statusesOf(unseen.messages[0].id).length === 2)
    await page.goto(`${simulator.url}/?waId=${ana}`)
    await eventually('the read status', () => product.statusesOf(unseen.messages[0].id).length === 3)
  })

  test('edits, deletes and reacts by keyboard alone', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page } = phone
    const options = () => page.getByRole('button', { name: 'Opções da mensagem' })
    await page.getByTestId('composer').fill('oi')
    await page.keyboard.press('Enter')
    await options().focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('edit').press('Enter')
    await page.getByTestId('composer').fill('olá')
    await page.keyboard.press('Enter')
    await messages(page, 'out').filter({ hasText: 'editada' }).waitFor()
    await options().focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await page.locator('.reactions').waitFor()
    await options().focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('delete').press('Enter')
    await messages(page, 'out').filter({ hasText: 'Você apagou' }).waitFor()
    const [written] = product.messages()
    const target = { original_message_id: written?.['id'] }
    await eventually('four webhooks', () => product.messages().length === 4)
    expect(product.messages().slice(1)).toMatchObject([
      { type: 'edit', edit: { ...target, message: { type: 'text', text: { body: 'olá' } } } },
      { type: 'reaction', reaction: { message_id: written?.['id'], emoji: '👍' } },
      { type: 'revoke', revoke: target },
    ])
  })

  test('runs no script and follows no link that a message brings', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page, complaints } = phone
    const attack =
      '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script> javascript:alert(1)'
    const { text, write } = callerOf(simulator)
    await text(attack, ana)
    await write({ type: 'text', text: { body: attack } }, ana)
    await messages(page, 'in').filter({ hasText: '<script>' }).waitFor()
    await messages(page, 'out').filter({ hasText: '<script>' }).waitFor()
    expect(await page.locator('#messages script, #messages img, #messages a').count()).toBe(0)
    expect(await page.title()).not.toContain('owned')
    expect(complaints).toEqual([])
    const answer = await fetch(simulator.url)
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\bsrc=)/)
  })

  const looks = [
    {
      locale: 'pt-BR',
      colorScheme: 'light',
      width: 360,
      height: 740,
      words: 'As mensagens vão para Banco Parley',
    },
    { locale: 'en-US', colorScheme: 'dark', width: 360, height: 740, words: 'Messages go to Banco Parley' },
    { locale: 'bn-BD', colorScheme: 'dark', width: 1280, height: 800, words: 'বার্তা যায় Banco Parley-এর কাছে' },
  ] as const
  test.each(looks)('is accessible and fits: $locale, $colorScheme, $width px', async ({ words, ...look }) => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { write, text } = callerOf(simulator)
    await write({ type: 'text', text: { body: 'oi '.repeat(60) } }, ana)
    await text(
      'https://example.com/a/very/long/path/that/does/not/break/anywhere/at/all/in/a/narrow/phone',
      ana,
    )
    await using phone = await pickUp(simulator, look)
    const { page } = phone
    await messages(page, 'in').waitFor()
    expect(await page.locator('.privacy summary').textContent()).toBe(words)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })
})
