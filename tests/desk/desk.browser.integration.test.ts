import type { Page } from 'playwright-core'
import { MessageBody } from '@parley/proto/content'
import { describe, expect, test } from 'vitest'
import { by, edits, reacts, revokes } from '../../services/routing/test/story.ts'
import {
  CHECKED,
  MINE,
  ONLY_COLOURS,
  TEMPLATES,
  drawn,
  findings,
  hasFocus,
  maria,
  picture,
  reply,
  sent,
  thread,
  until,
  useDeskBrowser,
} from './desk-browser.ts'
import { type DeskInMemory, deskInMemory, textOf } from './memory/desk.ts'

const desk = useDeskBrowser()

/** What the customer wrote then is no reason any more to write to them freely. */
const aDayAgo = (): Date => new Date(Date.now() - 24 * 3_600_000)

const bodyOf = (body: NonNullable<MessageBody['body']>): MessageBody => MessageBody.fromPartial({ body })
const mediaOf = (type: string, more: { caption?: string; filename?: string } = {}) =>
  MessageBody.fromPartial({ body: { $case: 'media', value: { type, ...more } } })

/** One message of every kind that a customer or the robot may have sent. */
function everyKind(service: DeskInMemory, id: string): void {
  const { id: first } = service.messages(id)[0]!
  const rows = [
    { id: 'a', title: 'Perdi meu cartão', description: 'Registro' },
    { id: 'b', title: 'Agências', description: '' },
  ]
  const list = service.sends(
    id,
    MessageBody.fromPartial({
      body: { $case: 'list', value: { text: 'Como posso ajudar?', button: 'Ver', sections: [{ rows }] } },
    }),
    'read',
  )
  service.hears(
    id,
    MessageBody.fromPartial({
      body: { $case: 'choice', value: { source: 'list', id: 'a', title: 'Perdi meu cartão' } },
    }),
    { type: 'interactive', replyTo: list },
  )
  service.hears(id, mediaOf('image', { caption: 'a foto' }), { type: 'image' })
  service.fileIsThere(id, service.hears(id, mediaOf('audio'), { type: 'audio' }), 'audio/ogg')
  service.fileIsGone(id, service.hears(id, mediaOf('video'), { type: 'video' }), 'too_large')
  const statement = service.hears(id, mediaOf('document', { filename: 'extrato.pdf' }), { type: 'document' })
  service.fileIsThere(id, statement, 'application/pdf')
  service.fileIsGone(id, service.hears(id, mediaOf('sticker'), { type: 'sticker' }), 'gone')
  const place = { latitude: -23.5, longitude: -46.6, name: 'Agência Sé', address: '', url: '' }
  service.hears(id, bodyOf({ $case: 'location', value: place }), { type: 'location' })
  const cards = [{ name: 'João', organization: '', phones: ['+55 11 5555-0000'], emails: [] }]
  service.hears(id, bodyOf({ $case: 'contactCards', value: { cards } }), { type: 'contacts' })
  const about = service.hears(id, textOf('sobre isso'), { replyTo: first })
  service.customerWishes(id, reacts(`wamid.${about}`))
  const changed = service.hears(id, textOf('texto antigo'))
  service.customerWishes(id, edits(`wamid.${changed}`, 'novo texto'))
  service.customerWishes(id, revokes(`wamid.${service.hears(id, textOf('apagado'))}`))
  const template = { name: 'volte', language: 'pt_BR', parameters: [], text: 'Olá, seu cartão chegou.' }
  service.sends(id, bodyOf({ $case: 'template', value: template }), 'delivered')
  service.hears(id, MessageBody.fromPartial({}), { type: 'poll_creation' })
  service.sends(id, textOf('isto falhou'), 'failed', by('agent', 'p01'))
  service.sends(id, textOf('talvez'), 'uncertain', by('agent', 'p01'))
  service.sends(id, textOf('Nossa equipe continua por aqui.'), 'read', by('system'))
  service.notes(id, 'p02', 'cliente irritado')
}

describe('the lists', () => {
  test('show what the stream says, in the list where it belongs, without a reload', async () => {
    await using service = await deskInMemory()
    maria(service)
    await using at = await desk(service)
    const { page } = at
    await page.getByRole('link', { name: /Maria Silva/ }).waitFor()
    await page.getByRole('link', { name: /^Waiting/ }).click()
    await page.getByText('Nobody is waiting.').waitFor()
    const { id } = service.begin({ contact: { id: 'k2', name: 'Rahim Uddin', language: 'bn' } })
    await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
    service.give(id, 'p01')
    await page.getByText('Nobody is waiting.').waitFor()
    await page.getByRole('link', { name: /^Mine/ }).click()
    await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('miss nothing over a line that was cut, and start anew when they are told to', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service, '/desk/waiting')
    const { page } = at
    await page.getByText('Nobody is waiting.').waitFor()
    service.line.cut()
    await page.getByRole('alert').filter({ hasText: 'You are not connected' }).waitFor()
    service.begin({ contact: { id: 'k2', name: 'Rahim Uddin', language: 'bn' } })
    service.line.restore()
    await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
    service.forgets()
    service.begin({ contact: { id: 'k3', name: 'João Reis', language: 'pt' } })
    await page.getByRole('link', { name: /João Reis/ }).waitFor()
    // What the stream alone had told is read anew with the list, which may come behind the next event.
    await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('miss nothing of what comes after they were read and before the first stream is there', async () => {
    await using service = await deskInMemory()
    const { id } = service.begin({ contact: { id: 'k-maria', name: 'Maria Silva', language: 'pt' } })
    await using at = await desk(service, '/desk/waiting')
    const { page } = at
    const mayBegin = Promise.withResolvers<void>()
    await page.route('**/api/stream*', async (route) => {
      await mayBegin.promise
      await route.continue()
    })
    await page.reload()
    await page.getByRole('link', { name: /Maria Silva/ }).waitFor()
    service.presenceIs('p01', 'busy')
    service.give(id, 'p02')
    const { id: later } = service.begin({ contact: { id: 'k2', name: 'Rahim Uddin', language: 'bn' } })
    service.offer(later, 'p01', 60)
    mayBegin.resolve()
    await page.locator('[data-line=live]').waitFor()
    await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
    await page.getByRole('button', { name: 'Your presence: Busy' }).waitFor()
    await page.getByRole('link', { name: /Maria Silva/ }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Accept/ }).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('show after a refetch who is there by then, and close for the reasons that are in force by then', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.presenceIs('p01', 'available')
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.getByRole('button', { name: 'Your presence: Available' }).waitFor()
    service.line.cut()
    await page.locator('[data-line=lost]').waitFor()
    service.presenceIs('p01', 'busy')
    service.forgets()
    service.line.restore()
    await page.getByRole('button', { name: 'Your presence: Busy' }).waitFor()
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await page.keyboard.press('e')
    await page.getByRole('option', { name: 'solved' }).waitFor()
    service.closesFor('general', ['solved', 'card_found'])
    await page.getByRole('option', { name: 'card found' }).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('hold thousands: only what is in sight is in the page, and the next page comes by scrolling', async () => {
    await using service = await deskInMemory()
    for (let index = 0; index < 1_000; index += 1)
      service.begin({
        at: new Date(Date.now() - (2_000 - index) * 1_000),
        contact: { id: `k${index}`, name: `Cliente ${index}.`, language: 'pt' },
      })
    await using at = await desk(service, '/desk/waiting')
    const { page } = at
    await page.getByRole('link', { name: /Cliente 0\./ }).waitFor()
    const shown = page.locator('.rows li')
    expect(await shown.count()).toBeLessThan(40)
    await page.evaluate(`document.querySelector('.rows').scrollTop = 1e9`)
    await page
      .getByRole('link', { name: /Cliente (4\d|5\d)\./ })
      .first()
      .waitFor()
    await until(async () => {
      await page.evaluate(`document.querySelector('.rows').scrollTop = 1e9`)
      expect(await page.evaluate(`document.querySelector('.rows ul').offsetHeight`)).toBeGreaterThan(100 * 80)
    })
    expect(await shown.count()).toBeLessThan(40)
  })

  test('move no row under the pointer or the focus: what came is counted above, and comes when that is clicked', async () => {
    await using service = await deskInMemory()
    for (const name of ['Um', 'Dois'])
      service.begin({
        ...MINE,
        contact: { id: name, name, language: 'pt' },
        at: new Date('2026-03-03T09:00:00Z'),
      })
    await using at = await desk(service)
    const { page } = at
    await page.locator('.row').first().hover()
    const names = () => page.locator('.row-name').allTextContents()
    const before = await names()
    maria(service)
    const whatCame = page.getByRole('button', { name: '1 new ↑' })
    await whatCame.waitFor()
    expect(await names()).toEqual(before)
    await whatCame.hover()
    await drawn(page)
    expect(await names(), 'on the way to it').toEqual(before)
    await whatCame.click()
    await page.getByRole('link', { name: /Maria Silva/ }).waitFor()
    await page.locator('.row').first().focus()
    service.begin({ ...MINE, contact: { id: 'Ana', name: 'Ana', language: 'pt' } })
    await whatCame.waitFor()
    await page.keyboard.press('Shift+Tab')
    await drawn(page)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.row:focus .row-name').textContent()).toBe('Ana')
  })
})

describe('a search', () => {
  test('goes beyond what is loaded, by words that were said, and tells of the customer', async () => {
    await using service = await deskInMemory()
    const { id } = service.begin({
      ...MINE,
      contact: { id: 'k-maria', name: 'Maria Silva', language: 'pt' },
      says: 'Quero a segunda via do boleto',
      at: new Date('2026-03-02T09:00:00Z'),
      isClosed: true,
    })
    service.hears(id, textOf('obrigada'), { at: new Date('2026-03-02T09:00:00Z') })
    maria(service)
    await using at = await desk(service)
    const { page } = at
    await page.keyboard.press('f')
    await page.keyboard.type('segunda via')
    await page.locator(`[data-id="${id}"]`).click()
    await thread(page).getByText('segunda via do boleto').waitFor()
    const card = page.getByRole('region', { name: 'Customer' })
    await card.getByText('+5511987654321').waitFor()
    await card.getByText('The customer asked for an agent').waitFor()
    await card.getByRole('link', { name: /With an agent/ }).click()
    await thread(page).getByText('Perdi meu cartão').waitFor()
    expect(at.complaints).toEqual([])
  })
})

describe('a conversation', () => {
  test('shows what one writes at once, then what became of it; what is refused says why and is tried again as a new wish', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    const letGo = service.holdAnswers()
    await reply(page).fill('Bom dia, Maria!')
    await page.evaluate(`(() => {
      window.framesUntilShown = 0
      const look = () => {
        if (document.querySelector('.thread').textContent.includes('Bom dia, Maria!')) return
        window.framesUntilShown += 1
        requestAnimationFrame(look)
      }
      addEventListener('keydown', look, { capture: true, once: true })
    })()`)
    await page.keyboard.press('Enter')
    await thread(page).getByText('Bom dia, Maria!').waitFor()
    // 50 ms are three frames, and a machine that is busy with other things draws fewer.
    expect(await page.evaluate('window.framesUntilShown')).toBeLessThan(15)
    letGo()
    await page.locator('[data-status="read"]').waitFor()
    expect(await thread(page).getByText('Bom dia, Maria!').count()).toBe(1)

    service.refuseNext('CONTACT_OPTED_OUT')
    await reply(page).fill('Mais uma coisa')
    await page.keyboard.press('Enter')
    await page.getByText('The customer asked for no more messages.').waitFor()
    await page.getByRole('button', { name: 'Send again' }).click()
    await until(() => expect(service.messages(id).at(-1)?.text).toBe('Mais uma coisa'))
    await until(async () => expect(await page.locator('[data-unsent]').count()).toBe(0))
    expect(new Set(sent(service, '/messages').map(({ key }) => key)).size).toBe(3)

    await page.clock.install()
    const { id: closing } = service.begin({ ...MINE, at: new Date(aDayAgo().getTime() + 59_000) })
    await page.locator(`[data-id="${closing}"]`).click()
    await page.getByText(/You may write freely for another \d+ sec/).waitFor()
    await page.clock.fastForward('01:00')
    await page.getByText('only an approved template reaches the customer').waitFor()
    await reply(page).fill('fora da janela')
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    expect(at.complaints).toEqual([])
  })

  test('is unread until it is looked at', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.customerWrites(id, 'Alô?')
    await using at = await desk(service)
    const { page } = at
    const unread = page.locator('.row .unread')
    await unread.getByText('2 unread messages').waitFor()
    await page.locator('.row').click()
    await unread.waitFor({ state: 'detached' })
    await until(async () => expect(await page.title()).not.toMatch(/^\(/))
    service.customerWrites(id, 'Está aí?')
    await thread(page).getByText('Está aí?').waitFor()
    await until(() => expect(sent(service, '/read')).toHaveLength(2))
    await unread.waitFor({ state: 'detached' })
  })

  test('is counted in the title whatever list is looked at, and when all has been read anew', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.customerWrites(id, 'Alô?')
    await using at = await desk(service, '/desk/closed')
    const { page } = at
    await until(async () => expect(await page.title()).toMatch(/^\(2\) /))
    service.customerWrites(id, 'Está aí?')
    await until(async () => expect(await page.title()).toMatch(/^\(3\) /))
    service.forgets()
    service.customerWrites(id, 'Oi?')
    await until(async () => expect(await page.title()).toMatch(/^\(4\) /))
  })

  test('takes no text that is longer than WhatsApp takes, says so and keeps it', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await reply(page).fill('a'.repeat(4_097))
    await page.getByText('Too long: 4,097 characters, WhatsApp takes 4,096.').waitFor()
    await reply(page).press('Enter')
    expect(await reply(page).inputValue()).toHaveLength(4_097)
    await reply(page).press('Backspace')
    await reply(page).press('Enter')
    await until(() => expect(sent(service, '/messages')).toHaveLength(1))
  })

  test('goes on while the line is away: what is written goes out once, in order, when it is back', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    service.line.cut()
    await page.getByRole('alert').filter({ hasText: 'You are not connected' }).waitFor()
    for (const text of ['um', 'dois', 'três']) {
      await reply(page).fill(text)
      await page.keyboard.press('Enter')
    }
    await page.getByText('Not sent yet: waits for the connection').first().waitFor()
    service.line.restore()
    await until(() =>
      expect(service.messages(id).map(({ text }) => text)).toEqual([
        'Perdi meu cartão',
        'um',
        'dois',
        'três',
      ]),
    )
    await until(async () => expect(await page.locator('[data-unsent]').count()).toBe(0))
    expect(new Set(sent(service, '/messages').map(({ key }) => key)).size).toBe(3)
  })

  test.each([
    ['cut off', { status: 200, contentType: 'application/json', body: '{"posi' }],
    ['a page of a proxy', { status: 200, contentType: 'text/html', body: '<p>Sign in to the network</p>' }],
  ])('goes out once where the answer is %s, and so does what is done', async (_, answer) => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    for (const what of ['messages', 'hold'])
      await page.route(
        `**/${what}`,
        async (route) => {
          await route.fetch()
          await route.fulfill(answer)
        },
        { times: 1 },
      )
    await reply(page).fill('um')
    await page.keyboard.press('Enter')
    await until(() => expect(sent(service, '/messages')).toHaveLength(2))
    await until(async () => expect(await page.locator('[data-unsent]').count()).toBe(0))
    expect(service.messages(id).map(({ text }) => text)).toEqual(['Perdi meu cartão', 'um'])
    await page.getByRole('button', { name: 'Put on hold' }).click()
    await page.locator('.toast').getByRole('button', { name: 'Try again' }).click()
    await until(() => expect(sent(service, '/hold')).toHaveLength(2))
    expect(new Set(sent(service, '/hold').map(({ key }) => key)).size).toBe(1)
    expect(at.complaints).toEqual([])
  })

  test('of a long message that is answered as much is shown as tells which it is: what sends stays in sight', async () => {
    await using service = await deskInMemory()
    const id = maria(service, { says: 'Palavra de uma carta que não termina nunca. '.repeat(93) })
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.locator('.message').first().focus()
    await page.locator('.message').first().getByRole('button', { name: 'Reply to this message' }).click()
    await page.keyboard.type('Sim')
    const send = await page.getByRole('button', { name: 'Send', exact: true }).boundingBox()
    expect(send!.y + send!.height).toBeLessThanOrEqual(800)
    // Refused and taken back into the box, it still answers what it answered.
    service.refuseNext('CONTACT_OPTED_OUT')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Take back into the draft' }).click()
    await page.locator('.replying').waitFor()
    await page.keyboard.press('Enter')
    await until(() => expect(sent(service, '/messages')).toHaveLength(2))
    const answers = sent(service, '/messages').map(({ body }) => body['replyTo'])
    expect(answers).toEqual([service.messages(id)[0]!.id, service.messages(id)[0]!.id])
    const quote = page.getByRole('button', { name: /In reply to/ })
    await quote.waitFor()
    expect((await quote.boundingBox())!.height).toBeLessThan(120)
    expect(at.complaints).toEqual([])
  })

  test('is sent by no Enter that belongs to the word being put together, as each browser says so', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await reply(page).fill('ধন্যবাদ')
    const enter = (init: object) =>
      page.evaluate(`document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...${JSON.stringify(init)} }),
      )`)
    // Chromium and Gecko; WebKit, whose composition is over by then.
    await enter({ isComposing: true })
    await enter({ keyCode: 229 })
    expect(await reply(page).inputValue()).toBe('ধন্যবাদ')
    await enter({ keyCode: 13 })
    await until(() => expect(sent(service, '/messages')).toHaveLength(1))
    expect(at.complaints).toEqual([])
  })

  test('keeps the draft on the server, there after a reload; a note never becomes one, and goes to the notes alone', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await reply(page).fill('meio escr')
    await page.getByText('Draft saved').waitFor()
    await page.getByRole('button', { name: 'Note', exact: true }).click()
    await page.getByRole('textbox', { name: /Note for colleagues/ }).fill('não confio nele, @Bruno Lima')
    await page.getByText('Will be notified: Bruno Lima').waitFor()
    await page.reload()
    await until(async () => expect(await reply(page).inputValue()).toBe('meio escr'))
    await page.getByRole('button', { name: 'Note', exact: true }).click()
    await page.getByRole('textbox', { name: /Note for colleagues/ }).fill('cuidado, @Bruno Lima')
    await page.keyboard.press('Enter')
    await thread(page).locator('[data-note="true"]').getByText('cuidado').first().waitFor()
    expect(sent(service, '/notes').map(({ body }) => body)).toEqual([
      { text: 'cuidado, @Bruno Lima', mentions: ['p02'] },
    ])
    const toCustomer = service.asked.filter(({ path }) => !path.endsWith('/notes'))
    expect(JSON.stringify(toCustomer)).not.toMatch(/cuidado|confio/)
  })

  test('shows every kind of message, and what cannot be shown as such', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    everyKind(service, id)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    const log = thread(page)
    for (const text of [
      'Tapped:',
      'Chose:',
      'extrato.pdf',
      'WhatsApp no longer has it.',
      'Agência Sé',
      'João',
      'texto antigo',
      'The customer deleted this message.',
      'Type: poll_creation',
      '131047',
      'Perhaps delivered',
      'Note, for colleagues only',
      'Nossa equipe continua',
    ])
      await log.getByText(text).first().waitFor({ state: 'attached' })
    expect(await log.getByText(/^\[(image|document)/).count()).toBe(0)
    await log.getByRole('button', { name: /In reply to Perdi meu cartão/ }).click()
    await until(async () => expect(await hasFocus(page, '[data-message]')).toBe(true))
    expect(await findings(page)).toEqual([])
    expect(at.complaints).toEqual([])
    await picture(page, 'kinds')
  })

  test('stands still while one reads back: what came is counted below, and to go there takes nobody out of what they write', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    for (let index = 0; index < 120; index += 1) service.customerWrites(id, `linha ${index}.`)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    const log = thread(page)
    await log.getByText('linha 119.').waitFor()
    await page.evaluate(`document.querySelector('.thread').scrollTop = 0`)
    await page.getByRole('button', { name: 'Show older messages' }).click()
    await log.getByText('linha 30.').waitFor({ state: 'attached' })
    const place = () =>
      page.evaluate(
        `document.querySelector('.thread').scrollHeight - document.querySelector('.thread').scrollTop`,
      )
    const before = await page.evaluate(`document.querySelector('.thread').scrollTop`)
    expect(before).toBeGreaterThan(500)
    service.customerWrites(id, 'mais uma')
    await page.getByRole('button', { name: '1 new ↓' }).waitFor()
    expect(await page.evaluate(`document.querySelector('.thread').scrollTop`)).toBe(before)
    await reply(page).fill('já ')
    await page.getByRole('button', { name: '1 new ↓' }).click()
    await page.keyboard.type('respondo')
    expect(await reply(page).inputValue()).toBe('já respondo')
    await until(async () => expect(await place()).toBeLessThan(900))
    await until(() =>
      expect(sent(service, '/read').at(-1)?.body['upTo']).toBe(service.messages(id).at(-1)?.id),
    )
  })

  test('tells that a colleague types in it, be it a reply or a note, until they have said it or stop', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using ana = await desk(service, `/desk/mine/${id}`)
    await using bruno = await desk(service, `/desk/all/${id}`, {}, 'p02')
    const note = bruno.page.getByRole('textbox', { name: 'Note for colleagues' })
    await thread(bruno.page).getByText('Perdi meu cartão').waitFor()
    const composerAt = () => ana.page.locator('.modes').boundingBox()
    const before = await composerAt()
    await bruno.page.keyboard.press('n')
    await note.fill('eu conheço')
    await ana.page.getByText('Bruno is typing.').waitFor()
    expect(await composerAt()).toEqual(before)
    expect(sent(service, '/typing').at(-1)?.body).toEqual({ isNote: true })
    await note.press('Enter')
    await ana.page.getByText('Bruno is typing.').waitFor({ state: 'detached' })
    await reply(ana.page).fill('Bom dia')
    await bruno.page.getByText('Ana is typing.').waitFor()
    expect(sent(service, '/typing').at(-1)?.body).toEqual({ isNote: false })
    await bruno.page.clock.install()
    await bruno.page.clock.fastForward('00:13')
    await bruno.page.getByText('Ana is typing.').waitFor({ state: 'detached' })
    expect([...ana.complaints, ...bruno.complaints]).toEqual([])
  })

  test('that somebody else takes keeps the draft, and says who has it', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await reply(page).fill('quase pronto')
    service.give(id, 'p02')
    await page.getByText('Bruno Lima has this conversation now. Your draft is kept').waitFor()
    expect(await reply(page).inputValue()).toBe('quase pronto')
    expect(await hasFocus(page, 'textarea')).toBe(true)
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
  })

  test('shows on the card what the robot learnt, whom the customer was told of; what is sensitive is dots until its owner reveals it', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.customerWrites(id, '529.982.247-25')
    const said = service.messages(id).at(-1)!
    const learnt = [
      { name: 'lost_where', value: 'no shopping', isSensitive: false },
      { name: 'cpf', value: '529.982.247-25', isSensitive: true },
    ]
    service.learns(id, learnt, [said.id])
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    const card = page.getByRole('region', { name: 'Customer' })
    await card.getByText('no shopping').waitFor()
    await card.getByText('Contato Sul, whose people read and answer').waitFor()
    expect(await page.getByText('529.982.247-25').count()).toBe(0)
    await card.getByRole('button', { name: 'Reveal: cpf' }).click()
    await card.getByText('529.982.247-25').waitFor()
    await thread(page).getByRole('button', { name: 'Reveal' }).click({ force: true })
    await thread(page).getByText('529.982.247-25').waitFor()
    const { id: messageId } = said
    expect(sent(service, '/reveal').map(({ body }) => body)).toEqual([{ learnt: 'cpf' }, { messageId }])
    expect(await findings(page)).toEqual([])

    await card.getByLabel('Language').selectOption('bn')
    await until(() => expect(service.row(id).contact.language).toBe('bn'))
    await card.getByRole('button', { name: 'Block this customer' }).click()
    await card.getByText('The conversation closes').waitFor()
    expect(service.row(id).stage).toBe('with_agent')
    expect(await findings(page)).toEqual([])
    await card.getByRole('button', { name: 'Block this customer' }).click()
    await card.getByText(/^Blocked since/).waitFor()
    await card.getByRole('button', { name: 'Take the block back' }).click()
    await card.getByText(/^Blocked since/).waitFor({ state: 'detached' })
    expect(at.complaints).toEqual([])
  })

  test('shows on the card what a colleague changes of the customer while it is open', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const card = at.page.getByRole('region', { name: 'Customer' })
    const language = card.getByLabel('Language')
    await until(async () => expect(await language.inputValue()).toBe('pt'))
    const colleague = { actor: by('agent', 'p02'), correlationId: id }
    service.customerWishes(id, { type: 'ChooseContactLanguage', data: { language: 'bn' }, ...colleague })
    await until(async () => expect(await language.inputValue()).toBe('bn'))
  })

  test('shows on the card that a colleague blocked whom nothing is open with, once one is back at the window', async () => {
    await using service = await deskInMemory()
    const id = maria(service, { isClosed: true })
    await using at = await desk(service, `/desk/closed/${id}`)
    const card = at.page.getByRole('region', { name: 'Customer' })
    await card.getByRole('button', { name: 'Block this customer' }).waitFor()
    service.customerWishes(id, { type: 'BlockContact', data: {}, actor: by('agent', 'p02') })
    await at.page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await card.getByText(/^Blocked since/).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('shows a file that was an answer to a sensitive question once its owner reveals it', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    const file = service.hears(id, mediaOf('document', { filename: 'rg.pdf', caption: 'meu RG' }), {
      type: 'document',
    })
    service.fileIsThere(id, file, 'application/pdf')
    service.learns(id, [], [file])
    await using at = await desk(service, `/desk/mine/${id}`)
    const bubble = at.page.locator(`[data-message="${file}"]`)
    await bubble.getByText('••••••').waitFor()
    expect([await bubble.getByText(/RG|rg/).count(), await bubble.getByRole('link').count()]).toEqual([0, 0])
    await bubble.getByRole('button', { name: 'Reveal' }).click({ force: true })
    await bubble.getByText('meu RG').waitFor()
    expect(await bubble.getByRole('link').getAttribute('href')).toBe(`/api/media/${id}/${file}`)
  })

  test('of a known customer is begun by a template, filled and previewed, and opens', async () => {
    await using service = await deskInMemory({ templates: TEMPLATES })
    const id = maria(service, { isClosed: true })
    await using at = await desk(service, `/desk/closed/${id}`, CHECKED)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    await page.keyboard.press('b')
    await page.getByRole('option', { name: /volte/ }).click()
    const dialog = page.getByRole('dialog', { name: /^Begin a conversation/ })
    await dialog.getByLabel('Parameter 1').fill('Maria')
    await dialog.getByLabel('Parameter 2').fill('azul')
    await dialog.getByText('Olá Maria, seu cartão azul chegou.').waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Send' }).click()
    await page.waitForURL(/\/desk\/mine\/[-\w]{36}$/)
    await thread(page).getByText('Olá Maria, seu cartão azul chegou.').waitFor()
    expect(sent(service, '/conversations')[0]?.body).toEqual({
      template: { name: 'volte', language: 'pt_BR', parameters: ['Maria', 'azul'] },
      queue: 'general',
    })
    // Another one is not begun while this one is open.
    await page.goto(`${service.url}/desk/closed/${id}`)
    await thread(page).getByText('Perdi meu cartão').waitFor()
    await page.getByRole('link', { name: /^Mine/ }).click()
    await page.getByRole('link', { name: /Maria Silva/ }).waitFor()
    await page.goBack()
    await thread(page).getByText('Perdi meu cartão').waitFor()
    expect(await page.getByRole('button', { name: /^Begin a conversation/ }).count()).toBe(0)
    expect(at.complaints).toEqual([])
  })

  test('whose window has closed takes a template, filled and previewed, and keeps the draft', async () => {
    await using service = await deskInMemory({ templates: TEMPLATES })
    const id = maria(service, { at: aDayAgo() })
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await reply(page).fill('rascunho')
    await page.getByRole('button', { name: 'Choose a template' }).click()
    await page.getByRole('option', { name: /volte/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Parameter 1').fill('Maria')
    expect(await dialog.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
    await dialog.getByLabel('Parameter 2').fill('azul')
    await dialog.getByText('Olá Maria, seu cartão azul chegou.').waitFor()
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Send' }).click()
    await until(() =>
      expect(sent(service, '/messages')[0]?.body).toEqual({
        type: 'template',
        name: 'volte',
        language: 'pt_BR',
        parameters: ['Maria', 'azul'],
      }),
    )
    expect(await reply(page).inputValue()).toBe('rascunho')
  })

  test('takes keys pressed before its templates are there for the template that they name', async () => {
    const second = { name: 'segundo', language: 'pt_BR', text: 'Oi, {{1}}.' }
    await using service = await deskInMemory({ templates: [...TEMPLATES, second] })
    const id = maria(service, { at: aDayAgo() })
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.getByRole('button', { name: 'Choose a template' }).waitFor()
    const { promise: come, resolve: letCome } = Promise.withResolvers<void>()
    await page.route('**/templates', async (route) => {
      await come
      await route.continue()
    })
    for (const key of ['m', 'ArrowDown', 'Enter']) await page.keyboard.press(key)
    letCome()
    await page.getByLabel('Parameter 1').waitFor()
    await page.keyboard.type('Maria')
    await page.keyboard.press('Enter')
    await until(() =>
      expect(sent(service, '/messages')[0]?.body).toMatchObject({ name: 'segundo', parameters: ['Maria'] }),
    )
  })

  test('sent in one window is no draft in the other; the same words begun again stay', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using one = await desk(service, `/desk/mine/${id}`)
    await reply(one.page).fill('Um momento')
    await until(() => expect(sent(service, '/draft').length).toBe(1))
    await using other = await desk(service, `/desk/mine/${id}`)
    await until(async () => expect(await reply(other.page).inputValue()).toBe('Um momento'))
    const { promise: isTyped, resolve: goOn } = Promise.withResolvers<void>()
    await one.page.route('**/messages', async (route) => {
      await isTyped
      await route.continue()
    })
    await reply(one.page).press('Enter')
    await one.page.keyboard.type('Um momento')
    goOn()
    await thread(one.page).getByText('Um momento').waitFor()
    await thread(other.page).getByText('Um momento').waitFor()
    await until(async () => expect(await reply(other.page).inputValue()).toBe(''))
    expect(await reply(one.page).inputValue()).toBe('Um momento')
  })

  test('written in two windows at once loses no word of either: what the other one has comes in before, goes once it is sent, and moves no caret', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using one = await desk(service, `/desk/mine/${id}`)
    await using other = await desk(service, `/desk/mine/${id}`)
    for (const { page } of [one, other]) await thread(page).getByText('Perdi meu cartão').waitFor()
    await reply(one.page).fill('Bom dia!')
    await one.page.getByText('Draft saved').waitFor()
    await reply(other.page).pressSequentially('Segue boleto')
    for (let letters = 0; letters < 'boleto'.length; letters += 1)
      await other.page.keyboard.press('ArrowLeft')
    await other.page.getByText('What you wrote at another desk of yours now stands before this').waitFor()
    await other.page.keyboard.type('o ')
    expect(await reply(other.page).inputValue()).toBe('Bom dia!\nSegue o boleto')
    await other.page.getByText('Draft saved').waitFor()
    await reply(one.page).press('Enter')
    for (const { page } of [one, other])
      await until(async () => expect(await reply(page).inputValue()).toBe('Segue o boleto'))
    await other.page.keyboard.type('seu ')
    expect(await reply(other.page).inputValue()).toBe('Segue o seu boleto')
    await other.page.getByText('Draft saved').waitFor()
    await one.page.reload()
    await until(async () => expect(await reply(one.page).inputValue()).toBe('Segue o seu boleto'))
    expect([...one.complaints, ...other.complaints]).toEqual([])
  })

  test('is kept though it is too long to be sent, and the page asks before it closes over what is not kept', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await reply(page).fill('a'.repeat(20_000))
    await page.getByText('Draft saved').waitFor()
    await page.reload()
    await until(async () => expect(await reply(page).inputValue()).toHaveLength(20_000))
    const asked: string[] = []
    page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.accept()
    })
    await reply(page).fill('oi')
    await page.getByText('Draft saved').waitFor()
    await page.reload()
    await reply(page).waitFor()
    expect(asked).toEqual([])
    service.refuseNext('CONTACT_OPTED_OUT')
    await reply(page).press('Enter')
    await thread(page).getByRole('alert').waitFor()
    await page.reload()
    await reply(page).waitFor()
    expect(asked).toEqual(['beforeunload'])
  })

  test('however long it is and whatever goes with it, what sends it and what keeps it from being sent stay in sight, on a laptop at 200 % zoom and on a phone', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    for (const [width, height] of [
      [640, 400],
      [360, 640],
    ] as const) {
      await using at = await desk(service, `/desk/mine/${id}`, { viewport: { width, height } })
      const { page } = at
      await thread(page).getByText('Perdi meu cartão').first().hover()
      await page.getByRole('button', { name: 'Reply to this message' }).first().click()
      await page
        .locator('input[type=file]')
        .setInputFiles({ name: 'ok.png', mimeType: 'image/png', buffer: Buffer.alloc(1_000) })
      await page.getByText('Ready to send').waitFor()
      await reply(page).fill(`${'linha\n'.repeat(20)}{protocol}`)
      for (const shown of [
        page.getByText('Fill in first: protocol'),
        page.getByRole('button', { name: 'Send', exact: true }),
      ]) {
        const box = (await shown.boundingBox())!
        expect([width, box.y + box.height <= height && box.x + box.width <= width]).toEqual([width, true])
      }
      expect((await reply(page).boundingBox())!.height).toBeGreaterThan(40)
      await picture(page, `long-${width}`)
    }
  })

  test('takes files as WhatsApp does, and refuses the others before a byte goes out', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    const field = page.locator('input[type=file]')
    await field.setInputFiles({ name: 'grande.png', mimeType: 'image/png', buffer: Buffer.alloc(6_000_000) })
    await page.getByText(/Too large: WhatsApp takes images up to/).waitFor()
    await field.setInputFiles({ name: 'a.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') })
    await page.getByText('WhatsApp does not take files like a.svg.').waitFor()
    await field.setInputFiles({ name: 'ok.png', mimeType: 'image/png', buffer: Buffer.alloc(1_000) })
    await page.getByText('Ready to send').waitFor()
    await reply(page).fill('veja')
    await page.keyboard.press('Enter')
    await until(() =>
      expect(sent(service, '/messages')[0]?.body).toMatchObject({ type: 'media', caption: 'veja' }),
    )
  })
})

describe('an offer', () => {
  test('moves no focus, is accepted by one key, and its conversation is mine', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    const { id: offered } = service.begin({ contact: { id: 'k2', name: 'Rahim Uddin', language: 'bn' } })
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await reply(page).fill('escrevendo')
    service.offer(offered, 'p01', 30)
    const card = page.getByRole('article', { name: /Rahim Uddin/ })
    await card.getByText('Speaks Bengali').waitFor()
    expect(await hasFocus(page, 'textarea')).toBe(true)
    expect(await page.title()).toMatch(/^\(\d+\) /)
    const [offerBox, composerBox] = [await card.boundingBox(), await page.locator('.composer').boundingBox()]
    expect(offerBox!.y + offerBox!.height).toBeLessThan(composerBox!.y)
    expect(await findings(page)).toEqual([])
    await picture(page, 'offer')
    await page.keyboard.press('Escape')
    await page.keyboard.press('a')
    await until(() => expect(service.row(offered).owner?.id).toBe('p01'))
    await page.getByRole('heading', { name: 'Rahim Uddin' }).waitFor()
    expect(await reply(page).inputValue()).toBe('')
  })

  test('can be taken with the pointer on a laptop at 200 % zoom, too', async () => {
    await using service = await deskInMemory()
    const { id } = service.begin()
    await using at = await desk(service, '/desk', { viewport: { width: 640, height: 400 } })
    const { page } = at
    service.offer(id, 'p01', 30)
    const accept = page.getByRole('button', { name: /^Accept/ })
    await accept.waitFor()
    const isInSight = await accept.evaluate((button) => {
      const { x, y, width, height } = button.getBoundingClientRect()
      return button.contains(button.ownerDocument.elementFromPoint(x + width / 2, y + height / 2))
    })
    expect(isInSight).toBe(true)
  })

  test('has the buttons of no other offer over its name, however many there are', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service)
    const { page } = at
    for (let index = 0; index < 4; index += 1) service.offer(service.begin().id, 'p01', 60)
    await until(async () => expect(await page.getByRole('article').count()).toBe(4))
    for (const height of [620, 660, 700, 740, 780, 820]) {
      await page.setViewportSize({ width: 1280, height })
      const covered = await page
        .getByRole('article')
        .getByRole('heading')
        .evaluateAll(
          (headings) =>
            headings.filter((heading) => {
              const { x, y, width, height } = heading.getBoundingClientRect()
              const shown = heading.ownerDocument.elementFromPoint(x + width / 2, y + height / 2)
              return shown?.closest('.actions') != null
            }).length,
        )
      expect({ height, covered }).toEqual({ height, covered: 0 })
    }
  })

  test('that gets no answer ends and says so; one is declined by its key', async () => {
    await using service = await deskInMemory()
    const { id } = service.begin()
    await using at = await desk(service)
    const { page } = at
    await page.getByText('You have no conversations.').waitFor()
    service.offer(id, 'p01', 1)
    await page.getByText(/The offer ended without an answer/).waitFor()
    service.offer(id, 'p01', 30)
    await page.getByRole('article').waitFor()
    await page.keyboard.press('d')
    await until(() => expect(sent(service, '/decline').length).toBe(1))
    await page.getByRole('article').waitFor({ state: 'detached' })
    service.offer(id, 'p01', 30)
    const card = page.getByRole('article')
    await card.getByText('Decline with a reason').click()
    await card.getByRole('textbox', { name: 'Reason' }).fill('a call')
    await page.keyboard.press('Enter')
    await until(() => expect(sent(service, '/decline')[1]?.body).toEqual({ reason: 'a call' }))
  })
})

describe('a note', () => {
  test('calls the colleague whom it mentions, once, and leads to its conversation', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using ana = await desk(service, `/desk/mine/${id}`)
    await using bruno = await desk(service, '/desk', {}, 'p02')
    await reply(ana.page).waitFor()
    await ana.page.keyboard.press('n')
    await ana.page.getByRole('textbox', { name: 'Note for colleagues' }).waitFor()
    await ana.page.keyboard.type('@Bruno Lima, você conhece este caso?')
    await ana.page.keyboard.press('Enter')
    await until(() => expect(sent(service, '/notes')[0]?.body['mentions']).toEqual(['p02']))
    await bruno.page.getByText('Ana Souza mentions you in a note.').waitFor()
    service.line.drop()
    await bruno.page.locator('[data-line=live]').waitFor()
    expect(await bruno.page.locator('.toast').count()).toBe(1)
    await bruno.page.getByRole('button', { name: 'Open it' }).click()
    await thread(bruno.page).getByText('você conhece este caso?').waitFor()
    expect(await ana.page.locator('.toast').count()).toBe(0)
  })
})

/** What waits for a turn of the event loop comes late, as on a machine that is busy. */
const withoutTimers = (page: Page) =>
  page.evaluate(() => {
    const { setTimeout } = globalThis
    Object.assign(globalThis, { setTimeout: (run: () => void, ms = 0) => setTimeout(run, ms + 3_000) })
  })

describe('the keyboard', () => {
  test('does a whole shift, and no letter of a text is taken for a command', async () => {
    await using service = await deskInMemory()
    service.presenceIs('p02', 'available')
    const id = maria(service)
    service.begin({
      id: 'c-joao',
      ...MINE,
      contact: { id: 'k3', name: 'João Reis', language: 'pt' },
      at: new Date('2026-03-03T09:00:00Z'),
    })
    await using at = await desk(service)
    const { page } = at
    const press = (...keys: string[]) =>
      keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve())
    await page.getByRole('link', { name: /Maria Silva/ }).waitFor()
    await press('j', 'j')
    await until(async () => expect(await hasFocus(page, '[data-id="c-joao"]')).toBe(true))
    await press('k')
    await until(async () => expect(await hasFocus(page, `[data-id="${id}"]`)).toBe(true))
    await press('Enter')
    await thread(page).getByText('Perdi meu cartão').waitFor()
    await press('r')
    await until(async () => expect(await hasFocus(page, 'textarea')).toBe(true))
    await page.keyboard.type('apthenjk?/')
    expect(await reply(page).inputValue()).toBe('apthenjk?/')
    await press('Enter', 'Escape', '/')
    await page.getByRole('dialog', { name: 'Quick replies' }).waitFor()
    await page.keyboard.type('prot')
    await press('Enter')
    await page.getByText('Fill in first: protocol').waitFor()
    await page.keyboard.type('12345')
    expect(await reply(page).inputValue()).toBe('Seu protocolo é 12345.')
    await press('Enter', 'Escape', 'o')
    await until(() => expect(service.row(id).isOnHold).toBe(true))
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    await press('u')
    await until(() => expect(service.row(id).isOnHold).toBe(false))
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Park until the customer writes').waitFor()
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await press('Control+k')
    await page.getByRole('dialog', { name: 'Everything you can do' }).waitFor()
    await page.keyboard.type('transf')
    await press('Enter')
    const transfer = page.getByRole('dialog', { name: 'Transfer' })
    await transfer.waitFor()
    await page.keyboard.type('bruno')
    await page.getByRole('option', { name: /Bruno/ }).waitFor()
    await press('Enter')
    await transfer.getByRole('textbox', { name: /Note for whoever/ }).fill('segue')
    await transfer.getByRole('button', { name: 'Transfer' }).click()
    await until(() => expect(sent(service, '/transfer')).toHaveLength(1))
    expect(sent(service, '/transfer')[0]?.body).toEqual({ to: { agentId: 'p02' }, note: 'segue' })
    await until(() => expect(service.messages(id).at(-1)).toMatchObject({ text: 'segue', isNote: true }))
    expect(at.complaints).toEqual([])
  })

  test('gives a conversation back to the robot, at a point of its flow', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await page.keyboard.press('t')
    await page.keyboard.type('menu')
    await page.getByRole('option', { name: /Back to the robot/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Transfer' }).click()
    await until(() =>
      expect(sent(service, '/transfer')[0]?.body).toEqual({
        to: { flow: 'atendimento', step: 'menu' },
        note: '',
      }),
    )
  })

  test('a supervisor closes and hands on what others have and what waits, which ends at once; an agent may not, and is told who did it to theirs', async () => {
    await using service = await deskInMemory()
    const bruno = { agent: 'p02' }
    for (const [id, of, undoSeconds] of [
      ['c-brunos', bruno, 5],
      ['c-waiting', {}, 0],
    ] as const) {
      service.begin({ id, ...of, queue: 'cards' })
      await using at = await desk(service, `/desk/all/${id}`, {}, 'p07')
      const { page } = at
      await page.getByRole('button', { name: 'Transfer' }).waitFor()
      await page.getByRole('button', { name: 'Close', exact: true }).click()
      await page.getByRole('dialog').getByRole('option').first().click()
      await until(() => expect(sent(service, `${id}/close`)[0]?.body).toMatchObject({ undoSeconds }))
    }
    await using asAgent = await deskInMemory()
    const id = maria(asAgent)
    asAgent.begin({ id: 'c-brunos', ...bruno, queue: 'cards' })
    await using at = await desk(asAgent, '/desk/all/c-brunos')
    await at.page.getByText('Bruno Lima').first().waitFor()
    expect(await at.page.getByRole('button', { name: 'Close', exact: true }).count()).toBe(0)
    asAgent.supervisorCloses(id, 'p09')
    await at.page.getByText('Vera Campos closed the conversation.').waitFor()
  })

  test('snoozes, parks and closes with five seconds to undo it, and says what was seen', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await page.keyboard.press('h')
    await page.getByRole('option', { name: 'In an hour' }).click()
    await page
      .getByText(/^Snoozed until/)
      .first()
      .waitFor()
    await page.keyboard.press('u')
    await page.getByRole('button', { name: /^Park/ }).waitFor()
    await page.keyboard.press('p')
    await until(() => expect(service.row(id).stage).toBe('parked'))
    await page.getByText('The conversation is parked: resume it first.').waitFor()
    await reply(page).fill('Alô?')
    await page.keyboard.press('Enter')
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: /^Park/ }).waitFor()
    expect([await reply(page).inputValue(), sent(service, '/messages')]).toEqual(['Alô?', []])
    await page.keyboard.press('e')
    await page.getByRole('option', { name: 'solved' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Undo' }).waitFor()
    await page.keyboard.press('z')
    await until(() => expect(service.row(id).stage).toBe('with_agent'))
    expect(sent(service, '/close')[0]?.body).toEqual({
      reason: 'solved',
      undoSeconds: 5,
      seen: service.messages(id)[0]?.id,
    })
    await page.getByRole('button', { name: /^Park/ }).waitFor()
  })

  test('takes what is typed at once behind the key that opens a dialog', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await withoutTimers(page)
    await page.keyboard.press('e')
    await page.keyboard.press('Enter')
    await until(() => expect(sent(service, '/close')).toHaveLength(1))
  })

  test('closes with a last word where one may be said', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await page.keyboard.press('e')
    await page.getByRole('textbox', { name: 'A last word to the customer' }).fill('Até logo!')
    expect(await findings(page)).toEqual([])
    await page.getByRole('option', { name: 'no answer' }).click()
    await until(() =>
      expect(sent(service, '/close')[0]?.body).toMatchObject({ reason: 'no_answer', text: 'Até logo!' }),
    )
    const { id: silent } = service.begin({ ...MINE, at: aDayAgo() })
    await page.locator(`[data-id="${silent}"]`).click()
    await page.getByRole('button', { name: 'Choose a template' }).waitFor()
    await page.keyboard.press('e')
    await page.getByRole('option', { name: 'solved' }).waitFor()
    expect(await page.getByRole('textbox', { name: 'A last word to the customer' }).count()).toBe(0)
  })

  test('takes what is typed at once behind a choice to where the choice leads', async () => {
    await using service = await deskInMemory({ templates: TEMPLATES })
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    const typed = async (...keys: string[]) => {
      for (const key of keys)
        await (key.length > 1 && key !== 'Enter' && key !== 'Escape' && key !== 'Control+k'
          ? page.keyboard.type(key)
          : page.keyboard.press(key))
    }
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await withoutTimers(page)
    await typed('Control+k', 'write a note', 'Enter', 'para colegas', 'Enter', 'Escape')
    await until(() => expect(sent(service, '/notes')[0]?.body).toMatchObject({ text: 'para colegas' }))
    await typed('Control+k', 'reply', 'Enter', 'Já ', 'Escape', '/', 'Enter', ' abc')
    expect(await reply(page).inputValue()).toMatch(/^Já .+ abc$/)
    await typed('Escape', 'm')
    await page.getByRole('option', { name: /volte/ }).waitFor()
    await typed('Enter', 'Maria')
    expect(await page.getByRole('dialog').getByRole('textbox').first().inputValue()).toBe('Maria')
    await typed('Escape', 't', 'bruno', 'Enter', 'segue')
    expect(await page.getByRole('textbox', { name: /Note for whoever/ }).inputValue()).toBe('segue')
    await typed('Escape')
    expect(sent(service, '/park')).toEqual([])
  })

  test('moves through rows as fast as its keys are pressed, and takes the same key twice for one wish', async () => {
    await using service = await deskInMemory()
    for (let index = 0; index < 60; index += 1) service.begin(MINE)
    service.offer(service.begin({}).id, 'p01', 60)
    await using at = await desk(service)
    const { page } = at
    await page.locator('.row').first().waitFor()
    await page.getByRole('button', { name: 'Accept' }).waitFor()
    // What comes between two keys is as much as a promise takes.
    const place = await page.evaluate(`(async () => {
      const press = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
      for (let pressed = 0; pressed < 40; pressed += 1) {
        press('j')
        await Promise.resolve()
      }
      const there = document.activeElement?.closest('li')?.ariaPosInSet
      press('a')
      press('a')
      return there
    })()`)
    expect(place).toBe('40')
    await until(() => expect(service.asked.filter(({ path }) => path.endsWith('/accept'))).toHaveLength(1))
    await page.getByRole('button', { name: 'Accept' }).waitFor({ state: 'hidden' })
    expect(service.asked.filter(({ path }) => path.endsWith('/accept'))).toHaveLength(1)
  })

  test('finds whatever is loaded by ⌘K, spelt without accents', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service, '/desk/mine')
    const { page } = at
    for (let count = 0; count < 230; count += 1) service.begin(MINE)
    const { id } = service.begin({ ...MINE, contact: { name: 'João Mendonça' } })
    await page.locator(`[data-id="${id}"]`).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('joao men')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'João Mendonça' }).waitFor()
    expect(page.url()).toContain(`/mine/${id}`)
  })

  test('opens the first that is found by Enter, and goes down to what is found by the arrow', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.begin(MINE)
    await using at = await desk(service)
    const { page } = at
    await page.locator('.row').nth(1).waitFor()
    await page.keyboard.press('f')
    await page.keyboard.type('maria')
    await page.keyboard.press('ArrowDown')
    expect(await hasFocus(page, `.row[data-id="${id}"]`)).toBe(true)
    await page.keyboard.press('f')
    await page.keyboard.press('Enter')
    await reply(page).waitFor()
    expect(await hasFocus(page, `.row[data-id="${id}"]`)).toBe(true)
    expect(page.url()).toMatch(/\/mine\/c-maria$/)
  })
})

describe('the dialogs', () => {
  test('have no accessibility finding, and give the focus back', async () => {
    await using service = await deskInMemory({ templates: TEMPLATES })
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    for (const key of ['?', ',', 't', 'h', 'e', 'm', '/', 'i', 'Control+k']) {
      await page.locator('.row').first().focus()
      await page.keyboard.press(key)
      await page.getByRole('dialog').waitFor()
      // The page behind it is the same for all of them.
      const found = key === '?' ? await findings(page) : await findings(page, undefined, '[role=dialog]')
      expect({ key, found }).toEqual({ key, found: [] })
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect({ key, isBack: await hasFocus(page, '.row') }).toEqual({ key, isBack: true })
    }
  })

  test.each([
    ['t', /Back to the robot/],
    ['m', /volte/],
  ])('have none at their second step either, in light and in dark: %s', async (key, option) => {
    await using service = await deskInMemory({ templates: TEMPLATES })
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    await page.keyboard.press(key)
    await page.getByRole('option', { name: option }).first().click()
    await page.getByRole('dialog').locator('form').waitFor()
    expect(await findings(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await findings(page, ONLY_COLOURS)).toEqual([])
  })
})

describe('the person', () => {
  test('says whether work may come, with the reason for being away, and is asked after five idle minutes', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service, '/desk', CHECKED)
    const { page } = at
    await page.clock.install()
    await page.reload()
    await page.getByRole('button', { name: /Your presence/ }).click()
    await page.getByRole('option', { name: /Available/ }).waitFor()
    expect(await findings(page)).toEqual([])
    await page.getByRole('option', { name: /Available/ }).click()
    await until(() => expect(service.presenceOf('p01')).toBe('available'))
    await page.getByRole('button', { name: 'Your presence: Available' }).waitFor()
    await page.clock.fastForward('05:01')
    await page.getByRole('button', { name: 'Set me to away' }).click()
    await until(() => expect(service.presenceOf('p01')).toBe('away'))
    expect(sent(service, '/presence').at(-1)?.body).toEqual({ status: 'away', reason: 'idle' })
  })

  test('finds the desk on another machine as it was left', async () => {
    await using service = await deskInMemory()
    await using first = await desk(service)
    await first.page.getByRole('button', { name: 'Settings' }).click()
    await first.page.getByRole('radio', { name: 'Compact' }).click()
    await first.page.getByRole('radio', { name: 'Dark' }).click()
    await first.page.getByRole('radio', { name: 'Português' }).click()
    await until(() => expect(sent(service, '/settings').at(-1)?.body).toMatchObject({ language: 'pt' }))
    await using second = await desk(service)
    await second.page.getByText('Você não tem conversas.').waitFor()
    expect([...first.complaints, ...second.complaints]).toEqual([])
    await until(async () =>
      expect(await second.page.getAttribute('html', 'data-mantine-color-scheme')).toBe('dark'),
    )
    await second.page.keyboard.press(',')
    expect(await second.page.getByRole('radio', { name: 'Compactas' }).isChecked()).toBe(true)
    const told = sent(service, '/settings').map(({ body }) => body)
    expect(Object.assign({}, ...told)).toEqual({ density: 'compact', scheme: 'dark', language: 'pt' })
  })

  test('changes in two windows at once what each was told to, and shows it in both', async () => {
    await using service = await deskInMemory()
    await using first = await desk(service)
    const second = await first.page.context().newPage()
    await second.goto(first.page.url())
    await second.getByRole('button', { name: 'Settings' }).click()
    await first.page.getByRole('button', { name: 'Settings' }).click()
    await first.page.getByRole('radio', { name: 'Dark' }).click()
    // The other window was open before: it does not have the dark one of its own.
    await until(async () =>
      expect(await second.getAttribute('html', 'data-mantine-color-scheme')).toBe('dark'),
    )
    await second.getByRole('radio', { name: 'Compact' }).click()
    await until(() => expect(sent(service, '/settings').at(-1)?.body).toEqual({ density: 'compact' }))
    await until(async () =>
      expect(await first.page.getByRole('radio', { name: 'Compact' }).isChecked()).toBe(true),
    )
    await first.page.reload()
    await first.page.locator('[data-line=live]').waitFor()
    await until(async () =>
      expect(await first.page.getAttribute('html', 'data-mantine-color-scheme')).toBe('dark'),
    )
    expect(first.complaints).toEqual([])
  })

  test('has kept what was chosen last, though what was chosen before it goes slowly', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service)
    const { page } = at
    const { promise: isOnItsWay, resolve: arrives } = Promise.withResolvers<void>()
    let sentCount = 0
    await page.route('**/api/settings', async (route) => {
      sentCount += 1
      if (sentCount === 1) await isOnItsWay
      await route.continue()
    })
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('radio', { name: 'Compact' }).click()
    await until(() => expect(sentCount).toBe(1))
    await page.getByRole('radio', { name: 'Dark' }).click()
    await drawn(page)
    expect(sentCount).toBe(1)
    arrives()
    await until(() =>
      expect(sent(service, '/settings').map(({ body }) => body)).toEqual([
        { density: 'compact' },
        { scheme: 'dark' },
      ]),
    )
    expect(at.complaints).toEqual([])
  })

  test('leaves nothing of anybody in addresses or in what the browser keeps', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await reply(page).fill('segredo do cliente')
    await page.getByRole('searchbox').fill('Maria')
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('radio', { name: 'বাংলা' }).click()
    await page.getByRole('radio', { name: 'গাঢ়' }).click()
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await until(() => expect(sent(service, '/draft').length).toBeGreaterThan(0))
    expect(decodeURIComponent([...addresses, page.url()].join(' '))).not.toMatch(/maria silva|segredo/i)
    const kept = await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')
    expect(String(kept)).not.toMatch(/Maria|segredo|c-maria|k-maria/)
    expect(await page.getAttribute('html', 'lang')).toBe('bn-BD')
    expect(at.complaints).toEqual([])
  })
})

describe('the page', () => {
  test.each([
    { width: 1280, height: 800, lang: 'en-GB', colorScheme: 'light', panes: 3 },
    { width: 1280, height: 800, lang: 'pt-BR', colorScheme: 'dark', panes: 3 },
    { width: 768, height: 800, lang: 'pt-BR', colorScheme: 'light', panes: 2 },
    // As many of its pixels as a window of 1,280 by 800 has at 200 % zoom.
    { width: 640, height: 400, lang: 'en-GB', colorScheme: 'dark', panes: 1 },
    { width: 360, height: 800, lang: 'bn-BD', colorScheme: 'dark', panes: 1 },
    { width: 360, height: 800, lang: 'en-GB', colorScheme: 'light', panes: 1 },
    { width: 1280, height: 800, lang: 'en-GB', colorScheme: 'dark', forcedColors: 'active', panes: 3 },
  ] as const)(
    'has $panes panes at $width px and no finding in $lang, $colorScheme, forced colours $forcedColors',
    async ({ width, height, lang, colorScheme, panes, ...rest }) => {
      await using service = await deskInMemory()
      const id = maria(service)
      for (let index = 0; index < 8; index += 1) service.begin(MINE)
      service.sends(id, textOf('Bom dia, Maria! Vou bloquear o cartão agora.'), 'read', by('agent', 'p01'))
      service.notes(id, 'p02', 'Cliente já ligou ontem.')
      await using at = await desk(service, '/desk', {
        ...CHECKED,
        ...rest,
        viewport: { width, height },
        locale: lang,
        colorScheme,
      })
      const { page } = at
      await page.getByRole('link', { name: /Maria Silva/ }).waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('link', { name: /Maria Silva/ }).click()
      await thread(page).getByText('Perdi meu cartão').waitFor()
      expect(await findings(page)).toEqual([])
      const shown = await page.locator('.list, .conversation, .context').filter({ visible: true }).count()
      expect(shown).toBe(panes)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      await picture(page, `${width}-${lang}-${colorScheme}${'forcedColors' in rest ? '-forced' : ''}`)
      expect(at.complaints).toEqual([])
    },
  )

  test('says what is empty, what is not there, and what failed, each with what to do', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service, '/desk/mine/nothing', CHECKED)
    const { page } = at
    await page.getByText('There is no such conversation, or it is not yours to see.').waitFor()
    await page.getByText('Set yourself to available').waitFor()
    expect(await findings(page)).toEqual([])
    expect(at.complaints).toEqual([])
  })
})
