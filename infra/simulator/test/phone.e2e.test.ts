import { AxeBuilder } from '@axe-core/playwright'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../src/index.ts'
import {
  accessToken,
  callerOf,
  eventually,
  phoneNumberId,
  startProduct,
  startSimulatorFor,
} from './product.ts'

/** Functions that run in the page: JavaScript, checked with the page's own types. */
const inPage = (await import(new URL('in-page.js', import.meta.url).href)) as {
  focusedPlace: () => string
  clipboardText: () => Promise<string>
  coveredLines: () => number
  cutFocusRings: () => readonly string[]
  weakFocusRings: (part: string) => { count: number; weak: readonly object[] }
  withoutEdge: (parts: readonly string[]) => readonly string[]
  opacityOf: (element: unknown) => string
}

const ana = '5511987650001'
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** A phone in the hands of a customer, with what its page complained about. */
const pickUp = async (
  simulator: Simulator,
  look: {
    colorScheme?: 'light' | 'dark'
    forcedColors?: 'active'
    locale?: string
    width?: number
    height?: number
    hasTouch?: boolean
  } = {},
) => {
  const { width = 360, height = 740, hasTouch = false, ...rest } = look
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'pt-BR',
    colorScheme: 'light',
    hasTouch,
    isMobile: hasTouch,
    permissions: ['clipboard-read', 'clipboard-write'],
    ...rest,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${simulator.url}/?waId=${ana}&name=Ana%20Souza`)
  await page.getByRole('heading', { name: 'Banco Parley' }).waitFor()
  // Most of what the company says here comes before the customer wrote.
  await callerOf(simulator).openWindow(ana)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}
const messages = (page: Page, direction: 'in' | 'out') =>
  page.locator(`[data-testid=message][data-direction=${direction}]`)

const menuOf = (...ids: readonly string[]) => ({
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: 'Como posso ajudar?' },
    action: { buttons: ids.map((id) => ({ type: 'reply', reply: { id, title: id } })) },
  },
})
const listOf = (...titles: readonly string[]) => ({
  type: 'interactive',
  interactive: {
    type: 'list',
    body: { text: 'Qual?' },
    action: { button: 'Cartões', sections: [{ rows: titles.map((title) => ({ id: title, title })) }] },
  },
})

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
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await page.getByTestId('composer').fill('oi')
    await press('Enter')
    await messages(page, 'out').filter({ hasText: 'oi' }).waitFor()
    await press('Shift+Tab', 'Shift+Tab', 'Enter')
    await page.getByTestId('edit').press('Enter')
    await page.getByTestId('composer').fill('olá')
    await press('Enter')
    await messages(page, 'out').filter({ hasText: 'editada' }).waitFor()
    await press('Shift+Tab', 'Shift+Tab', 'Enter', 'Enter')
    await page.locator('.reactions').waitFor()
    // Where the menu was opened, the focus is again.
    await press('Enter', 'End', 'Enter')
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

  test('the thread is one tab stop, and the arrows lead to its messages and what they hold', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { send, write } = callerOf(simulator)
    await write({ type: 'text', text: { body: 'oi' } }, ana)
    await send(menuOf('card', 'limit'), ana)
    await send(menuOf('loan', 'pix'), ana)
    await using phone = await pickUp(simulator)
    const { page } = phone
    await page.getByTestId('reply-button').nth(3).waitFor()
    const walk = async (...keys: string[]) => {
      const places = []
      for (const key of keys) {
        await page.keyboard.press(key)
        places.push(await page.evaluate(inPage.focusedPlace))
      }
      return places
    }
    await page.getByTestId('composer').focus()
    expect(await walk('Shift+Tab', 'Shift+Tab', 'Shift+Tab')).toEqual([
      'attach-open',
      'in',
      expect.any(String),
    ])
    expect(await walk('Tab', 'ArrowDown', 'ArrowDown', 'ArrowDown')).toEqual(['in', 'loan', 'pix', 'pix'])
    expect(await walk('ArrowUp', 'ArrowUp', 'ArrowUp', 'Home')).toEqual(['loan', 'in', 'limit', 'out'])
    expect(await walk('ArrowDown', 'ArrowDown')).toEqual(['in', 'card'])
    expect(await walk('Tab', 'Shift+Tab')).toEqual(['attach-open', 'card'])
    await page.keyboard.press('Enter')
    await messages(page, 'out').filter({ hasText: 'card' }).waitFor()
    expect(await page.locator('#chat [tabindex="0"]').count()).toBe(1)
  })

  test('answers a message, which it quotes, and copies one', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page } = phone
    const { body } = await callerOf(simulator).text('Qual é o *seu* nome?', ana)
    await page.getByTestId('composer').fill('um rascunho')
    await messages(page, 'in').hover()
    await page.getByTestId('options').click()
    await page.getByTestId('reply').click()
    expect(await page.locator('#about').textContent()).toContain('Qual é o seu nome?')
    await page.getByTestId('composer').fill('Ana')
    await page.keyboard.press('Enter')
    await messages(page, 'out').locator('blockquote').filter({ hasText: 'Qual é o seu nome?' }).waitFor()
    expect(await page.locator('#about').isHidden()).toBe(true)
    await eventually('the answer', () => product.messages().length === 1)
    expect(product.messages()).toMatchObject([
      { type: 'text', text: { body: 'Ana' }, context: { id: body.messages[0].id } },
    ])

    await messages(page, 'in').hover()
    await messages(page, 'in').getByTestId('options').click()
    await page.getByTestId('copy').click()
    await page.getByText('Mensagem copiada').waitFor()
    expect(await page.evaluate(inPage.clipboardText)).toBe('Qual é o seu nome?')
  })

  test('Esc ends an edit, and what was being written before it stands there again', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page } = phone
    const composer = page.getByTestId('composer')
    await composer.fill('oi')
    await page.keyboard.press('Enter')
    await composer.fill('quero um cartão no')
    const edit = async () => {
      await messages(page, 'out').hover()
      await page.getByTestId('options').click()
      await page.getByTestId('edit').click()
    }
    await edit()
    expect(await composer.inputValue()).toBe('oi')
    await composer.fill('olá')
    await page.keyboard.press('Escape')
    expect(await composer.inputValue()).toBe('quero um cartão no')
    await edit()
    await composer.fill('olá')
    await page.keyboard.press('Enter')
    await messages(page, 'out').filter({ hasText: 'editada' }).waitFor()
    expect(await composer.inputValue()).toBe('quero um cartão no')
  })

  test('sends files with a caption, says when one is too large, and shows the files that it gets', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page, complaints } = phone
    const { send } = callerOf(simulator)
    const pixel = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    await page.getByTestId('composer').fill('meu cartão')
    await page.getByTestId('file').setInputFiles([
      { name: 'cartao.png', mimeType: 'image/png', buffer: pixel },
      { name: 'fatura.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') },
    ])
    const sent = await eventually('two files', () => product.messages().length === 2 && product.messages())
    expect(sent).toMatchObject([
      { type: 'image', image: { caption: 'meu cartão', mime_type: 'image/png', id: expect.any(String) } },
      { type: 'document', document: { filename: 'fatura.pdf', mime_type: 'application/pdf' } },
    ])
    expect(sent[1]?.['document']).not.toHaveProperty('caption')
    await messages(page, 'out').filter({ hasText: 'meu cartão' }).locator('img').waitFor()
    expect(await page.getByTestId('composer').inputValue()).toBe('')

    await page
      .getByTestId('file')
      .setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(5 * 2 ** 20 + 1) })
    await page.getByText('no máximo 5 MB').waitFor()
    expect(product.messages()).toHaveLength(2)

    const upload = async (mimeType: string, bytes: Buffer<ArrayBuffer>) => {
      const form = new FormData()
      form.set('messaging_product', 'whatsapp')
      form.set('file', new Blob([bytes], { type: mimeType }), 'file')
      const answer = await fetch(`${simulator.url}/v23.0/${phoneNumberId}/media`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}` },
        body: form,
      })
      return ((await answer.json()) as { id: string }).id
    }
    await send({ type: 'image', image: { id: await upload('image/png', pixel), caption: 'o novo' } }, ana)
    const picture = messages(page, 'in').filter({ hasText: 'o novo' }).locator('img')
    await picture.waitFor()
    await eventually('the picture to be drawn', () =>
      picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
    )
    const pdf = await upload('application/pdf', Buffer.from('%PDF-1.7'))
    await send({ type: 'document', document: { id: pdf, filename: 'contrato.pdf' } }, ana)
    const downloading = page.waitForEvent('download')
    await messages(page, 'in').getByRole('link', { name: 'contrato.pdf' }).click()
    expect((await downloading).suggestedFilename()).toBe('contrato.pdf')
    expect(complaints.filter((complaint) => !complaint.includes('413'))).toEqual([])
  })

  test('says that a message did not go out, gives it back, and no longer says so once it did', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator)
    const { page } = phone
    const composer = page.getByTestId('composer')
    await page.route('**/_sim/customers/*/messages?*', (route) => route.abort(), { times: 1 })
    await composer.fill('oi')
    await page.keyboard.press('Enter')
    await page.getByText('A mensagem não saiu').waitFor()
    expect(await composer.inputValue()).toBe('oi')
    await composer.press('Enter')
    await messages(page, 'out').filter({ hasText: 'oi' }).waitFor()
    await page.getByText('A mensagem não saiu').waitFor({ state: 'hidden' })
  })

  test('beside the phone: a country brings a number and a name of its own; lists and menus stay with the phone', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    await using phone = await pickUp(simulator, { width: 1280, height: 800 })
    const { page } = phone
    const form = page.locator('#identity-here')
    const number = form.getByLabel('Número', { exact: true })
    await number.fill('12')
    await form.getByRole('button', { name: 'Usar este cliente' }).click()
    await form.getByRole('alert').waitFor()
    await form.getByLabel('País').selectOption('BD')
    expect(await form.getByRole('alert').count()).toBe(0)
    expect(await number.getAttribute('aria-invalid')).toBe('false')
    expect(await number.inputValue()).toMatch(/^\+880 17\d{2}-\d{6}$/)
    expect(await form.getByLabel('Nome').inputValue()).toMatch(/^[\p{sc=Beng}\p{M} ]+$/u)

    await callerOf(simulator).send(listOf('Final 4021'), ana)
    await page.getByTestId('list-open').click()
    const inside = await page.locator('#phone').boundingBox()
    const sheet = await page.locator('#list-sheet').boundingBox()
    expect(sheet!.x).toBeGreaterThanOrEqual(inside!.x)
    expect(sheet!.x + sheet!.width).toBeLessThanOrEqual(inside!.x + inside!.width)
    expect(sheet!.y).toBeGreaterThanOrEqual(inside!.y)
    expect(sheet!.y + sheet!.height).toBeLessThanOrEqual(inside!.y + inside!.height)
    await page.getByTestId('list-row').click()

    await messages(page, 'out').hover()
    await messages(page, 'out').getByTestId('options').click()
    const actions = await page.locator('#actions').boundingBox()
    expect(actions!.x).toBeGreaterThanOrEqual(inside!.x)
    expect(actions!.x + actions!.width).toBeLessThanOrEqual(inside!.x + inside!.width)
    expect(actions!.y + actions!.height).toBeLessThanOrEqual(inside!.y + inside!.height)
    await page.keyboard.press('Escape')

    await page.getByRole('button', { name: 'Menu' }).click()
    const focused = page.locator('#menu button:focus')
    const names = []
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) {
      names.push(await focused.textContent())
      await page.keyboard.press(key)
    }
    expect(names).toEqual([
      'Parar de receber (escreve PARAR)',
      'Bloquear a empresa',
      'Parar de receber (escreve PARAR)',
    ])
  })

  test.each([false, true])(
    'the options of a message cover none of its words; touch: %s',
    async (hasTouch) => {
      await using product = await startProduct()
      await using simulator = await startSimulatorFor(product.webhookUrl)
      const { write, text } = callerOf(simulator)
      await write({ type: 'text', text: { body: 'i '.repeat(200) } }, ana)
      await text('ok', ana)
      await using phone = await pickUp(simulator, { hasTouch })
      const { page } = phone
      await messages(page, 'in').waitFor()
      expect(await page.evaluate(inPage.coveredLines)).toBe(0)
      const opacity = await page.getByTestId('options').first().evaluate(inPage.opacityOf)
      expect(opacity).toBe(hasTouch ? '1' : '0')
    },
  )

  test.each(['light', 'dark'] as const)(
    'the focus ring stands out from what is around it: %s',
    async (colorScheme) => {
      await using product = await startProduct()
      await using simulator = await startSimulatorFor(product.webhookUrl)
      const { send, write } = callerOf(simulator)
      await write({ type: 'text', text: { body: 'oi' } }, ana)
      await send(menuOf('card', 'limit'), ana)
      await using phone = await pickUp(simulator, { colorScheme, width: 1280, height: 800 })
      const { page } = phone
      await page.getByTestId('reply-button').first().waitFor()
      const { count, weak } = await page.evaluate(inPage.weakFocusRings, 'body')
      expect(weak).toEqual([])
      expect(count).toBeGreaterThan(15)
    },
  )

  test.each(['light', 'dark'] as const)(
    'in the list of options the focus ring stands out, and is whole wherever the list was scrolled: %s',
    async (colorScheme) => {
      await using product = await startProduct()
      await using simulator = await startSimulatorFor(product.webhookUrl)
      const { send, write } = callerOf(simulator)
      await write({ type: 'text', text: { body: 'oi' } }, ana)
      await send(listOf('1', '2', '3', '4', '5', '6', '7', '8', '9', '10'), ana)
      await using phone = await pickUp(simulator, { colorScheme, height: 480 })
      const { page } = phone
      await page.getByTestId('list-open').first().click()
      await page.getByTestId('list-row').first().waitFor()
      expect(await page.evaluate(inPage.weakFocusRings, 'dialog[open]')).toEqual({ count: 11, weak: [] })
      expect(await page.evaluate(inPage.cutFocusRings)).toEqual([])
    },
  )

  test('where the system chooses the colours, bubbles and buttons keep their edges', async () => {
    await using product = await startProduct()
    await using simulator = await startSimulatorFor(product.webhookUrl)
    const { send, write } = callerOf(simulator)
    await write({ type: 'text', text: { body: 'oi' } }, ana)
    await send(menuOf('card'), ana)
    await using phone = await pickUp(simulator, { forcedColors: 'active' })
    const { page } = phone
    await page.getByTestId('reply-button').waitFor()
    const parts = [
      '.message.in .bubble',
      '.message.out .bubble',
      '.below',
      '.day span',
      '#send',
      '#menu-open',
    ]
    expect(await page.evaluate(inPage.withoutEdge, parts)).toEqual([])
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
