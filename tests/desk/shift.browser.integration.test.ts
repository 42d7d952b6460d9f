// A long day at a desk: what is begun is interrupted, what is asked for is refused, and much happens where one does not look.
import { describe, expect, test } from 'vitest'
import { by, receipt } from '../../services/routing/test/story.ts'
import {
  CHECKED,
  MINE,
  findings,
  hasFocus,
  maria,
  reply,
  sent,
  thread,
  until,
  useDeskBrowser,
} from './desk-browser.ts'
import { deskInMemory, textOf } from './memory/desk.ts'

const desk = useDeskBrowser()

const joao = { ...MINE, id: 'c-joao', contact: { id: 'k-joao', name: 'João Reis', language: 'pt' } }

const DROP = `{
  const data = new DataTransfer()
  data.items.add(new File([new Uint8Array(1000)], 'solto.png', { type: 'image/png' }))
  const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
  document.querySelector('main').dispatchEvent(drop)
  window.isTaken = drop.defaultPrevented
}`

describe('what was written', () => {
  test('for whoever takes over, and as a last word, is there again when the transfer or the close was refused', async () => {
    await using service = await deskInMemory()
    service.presenceIs('p02', 'available')
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.getByRole('button', { name: 'Put on hold' }).waitFor()
    const dialog = page.getByRole('dialog')
    const chooses = async () => {
      await page.keyboard.press('t')
      await dialog.getByRole('option', { name: /Bruno/ }).click()
    }
    const note = dialog.getByRole('textbox', { name: /Note for whoever/ })
    await chooses()
    await note.fill('ela já mandou o CPF')
    service.refuseNext('AGENT_NOT_AVAILABLE')
    await dialog.getByRole('button', { name: 'Transfer' }).click()
    await page.getByText('That colleague is not available.').waitFor()
    await chooses()
    expect(await note.inputValue()).toBe('ela já mandou o CPF')
    await page.keyboard.press('Escape')

    const lastWord = dialog.getByRole('textbox', { name: /last word/ })
    await page.keyboard.press('e')
    await lastWord.fill('Até logo!')
    service.refuseNext('CUSTOMER_WROTE')
    await dialog.getByRole('option', { name: 'solved' }).click()
    await page.getByText('The customer has written meanwhile. Read it first.').waitFor()
    await page.keyboard.press('e')
    expect(await lastWord.inputValue()).toBe('Até logo!')
    await dialog.getByRole('option', { name: 'solved' }).click()
    await until(() => expect(sent(service, '/close')[1]?.body).toMatchObject({ text: 'Até logo!' }))
    expect(at.complaints).toEqual([])
  })

  test('and attached stays with its conversation while one looks at another; a file that is dropped anywhere goes to it', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.begin(joao)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await reply(page).waitFor()
    await page.evaluate(DROP)
    expect(await page.evaluate('window.isTaken')).toBe(true)
    await page.getByText('Ready to send').waitFor()
    await page.getByRole('link', { name: /João Reis/ }).click()
    await page.getByRole('heading', { name: 'João Reis' }).waitFor()
    expect(await page.getByText('Ready to send').count()).toBe(0)
    await page.getByRole('link', { name: /Maria Silva/ }).click()
    await page.getByText('solto.png').waitFor()
    await reply(page).press('Enter')
    await until(() => expect(sent(service, '/messages')).toMatchObject([{ body: { type: 'media' } }]))
    expect(sent(service, `${id}/messages`)).toHaveLength(1)
    expect(at.complaints).toEqual([])
  })

  test('is no place for a file: one that is dropped while a note is written, or where nobody may reply, is told of, and the note stays one', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.begin({ id: 'c-waits', contact: { id: 'k-waits', name: 'Rahim Uddin', language: 'bn' } })
    await using at = await desk(service, '/desk/waiting')
    const { page } = at
    const told = page.getByText('The file was not attached', { exact: false })
    const isTold = async () => {
      await told.waitFor()
      await page.keyboard.press('x')
      await told.waitFor({ state: 'detached' })
    }
    await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
    await page.evaluate(DROP)
    await isTold()
    await page.getByRole('link', { name: /Rahim Uddin/ }).click()
    await page.getByText('It waits in the queue. Take it to answer.').waitFor()
    await page.evaluate(DROP)
    await isTold()
    await page.goto(`${service.url}/desk/mine/${id}`)
    await reply(page).waitFor()
    await page.keyboard.press('n')
    await page.getByRole('textbox', { name: /Note for colleagues/ }).fill('veja a foto')
    await page.evaluate(DROP)
    await page.getByText('a note takes none', { exact: false }).waitFor()
    await page.keyboard.type(' no sistema')
    expect(await page.getByRole('textbox', { name: /Note for colleagues/ }).inputValue()).toBe(
      'veja a foto no sistema',
    )
    expect(at.complaints).toEqual([])
  })

  test('in a conversation that goes out of sight meanwhile is still there to copy, and what is typed on is no key of the desk', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    const { id: offered } = service.begin({ id: 'c-joao', contact: joao.contact })
    service.offer(offered, 'p01', 60)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await page.locator('.offer').waitFor()
    service.refuseNext('NOT_THE_OWNER')
    await reply(page).fill('já vi')
    await reply(page).press('Enter')
    const takeBack = page.getByRole('button', { name: 'Take back into the draft' })
    await takeBack.waitFor()
    await reply(page).fill('quase ')
    service.give(id, 'p05')
    await page.getByText('This conversation is no longer yours to see.', { exact: false }).waitFor()
    await page.getByText('it is not yours to see', { exact: false }).waitFor()
    await page.keyboard.type('atendida')
    expect(await reply(page).inputValue()).toBe('quase atendida')
    // What was refused meanwhile can be had back there, too.
    await takeBack.click()
    expect(await reply(page).inputValue()).toBe('quase atendida já vi')
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Note' }).click()
    await page.getByRole('textbox', { name: 'Note for colleagues' }).fill('veja')
    expect(await page.getByRole('button', { name: 'Save the note' }).isDisabled()).toBe(true)
    expect(await findings(page)).toEqual([])
    expect(sent(service, '/accept')).toEqual([])
    expect(at.complaints).toEqual([])
  })

  test('is a word from its first letter on: a field that one is in stays when its conversation goes out of sight, empty as it is', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    const { id: offered } = service.begin({ id: 'c-joao', contact: joao.contact })
    service.offer(offered, 'p01', 60)
    await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
    const { page } = at
    await page.locator('.offer').waitFor()
    await reply(page).focus()
    service.give(id, 'p05')
    await page.getByText('This conversation is no longer yours to see.', { exact: false }).waitFor()
    await page.keyboard.type('atendida')
    expect(await reply(page).inputValue()).toBe('atendida')
    expect(await findings(page)).toEqual([])
    await reply(page).fill('')
    await page.keyboard.press('Escape')
    await reply(page).waitFor({ state: 'detached' })
    expect(sent(service, '/accept')).toEqual([])
    expect(at.complaints).toEqual([])
  })

  test('in a conversation that is lost and comes back within a moment is read again', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    service.give(id, 'p05')
    await page.getByText('it is not yours to see', { exact: false }).waitFor()
    service.customerWrites(id, 'alguém aí?')
    service.give(id, 'p01')
    for (const said of ['Perdi meu cartão', 'alguém aí?']) await thread(page).getByText(said).waitFor()
    expect(at.complaints).toEqual([])
  })

  test('by a colleague who had the conversation for a moment is there when one opens it again', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.begin(joao)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    await page.getByRole('link', { name: /João Reis/ }).click()
    await page.getByRole('heading', { name: 'João Reis' }).waitFor()
    service.give(id, 'p02')
    service.sends(id, textOf('Aqui é o Bruno.'), 'sent', by('agent', 'p02'))
    service.give(id, 'p01')
    await page.getByRole('link', { name: /Maria Silva/ }).click()
    await thread(page).getByText('Aqui é o Bruno.').waitFor()
    expect(at.complaints).toEqual([])
  })

  test('by the pointer leaves the field to the next letter: it is no key of the desk', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await reply(page).fill('um momento')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.keyboard.type('pronto')
    expect(await reply(page).inputValue()).toBe('pronto')
    await page.getByRole('button', { name: 'Attach' }).focus()
    const picture = { name: 'foto.png', mimeType: 'image/png', buffer: Buffer.alloc(1_000) }
    await page.locator('input[type=file]').setInputFiles(picture)
    await page.getByText('Ready to send').waitFor()
    await page.keyboard.type(', veja')
    await page.getByRole('button', { name: /^Remove/ }).click()
    await page.keyboard.type(' aqui')
    expect(await reply(page).inputValue()).toBe('pronto, veja aqui')
    await page.getByRole('button', { name: /^Note/ }).click()
    await page.keyboard.type('espera')
    expect(await page.getByRole('textbox', { name: 'Note for colleagues' }).inputValue()).toBe('espera')
    expect(service.row(id).stage).toBe('with_agent')
    expect(at.complaints).toEqual([])
  })

  test.each(['en-GB', 'pt-BR', 'bn-BD'])(
    'and stands behind the other tab, or in a conversation that was left, is marked there, on a telephone as well (%s)',
    async (lang) => {
      await using service = await deskInMemory()
      const id = maria(service)
      await using at = await desk(service, `/desk/mine/${id}`, {
        ...CHECKED,
        locale: lang,
        viewport: { width: 360, height: 640 },
      })
      const { page } = at
      const modes = page.locator('.modes button')
      const field = page.locator('.composer textarea')
      await modes.nth(1).click()
      await field.fill('ligar amanhã')
      expect(await modes.locator('.begun').count()).toBe(0)
      await modes.nth(0).click()
      await modes.nth(1).locator('.begun').waitFor()
      // Of a reply that is begun besides there is more to tell.
      await field.fill('bom dia')
      await page.locator('.draft-state').filter({ hasText: /./ }).waitFor()
      const box = await modes.nth(1).boundingBox()
      expect(box!.x + box!.width).toBeLessThanOrEqual(360)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
      expect(await findings(page)).toEqual([])
      await field.fill('')
      await page.locator('.back').click()
      await page.locator('.row').first().locator('.tag.draft').waitFor()
      expect(at.complaints).toEqual([])
    },
  )

  test('at another desk meanwhile is there when one comes back', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    service.begin(joao)
    await using first = await desk(service, `/desk/mine/${id}`)
    await using second = await desk(service, `/desk/mine/${id}`)
    await reply(second.page).fill('do outro computador')
    await second.page.getByText('Draft saved').waitFor()
    expect(await reply(first.page).inputValue()).toBe('')
    await first.page.clock.install()
    await first.page.clock.fastForward('01:00')
    await first.page.getByRole('link', { name: /João Reis/ }).click()
    await first.page.getByRole('heading', { name: 'João Reis' }).waitFor()
    await first.page.getByRole('link', { name: /Maria Silva/ }).click()
    await until(async () => expect(await reply(first.page).inputValue()).toBe('do outro computador'))
  })
})

describe('where nobody looks', () => {
  test('a conversation that is given without an offer, and words that did not arrive, are told, and lead there', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    const waits = service.begin({ contact: { id: 'k-rahim', name: 'Rahim Uddin' } })
    service.begin(joao)
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await thread(page).getByText('Perdi meu cartão').waitFor()
    await page.evaluate(`{
      window.sounds = 0
      document.hasFocus = () => false
      const start = OscillatorNode.prototype.start
      OscillatorNode.prototype.start = function (...at) { window.sounds += 1; return start.apply(this, at) }
    }`)
    service.customerWrites(waits.id, 'alô?')
    service.give(waits.id, 'p01')
    await page.getByText('Rahim Uddin is with you now.').waitFor()
    await until(async () => expect(await page.evaluate('window.sounds')).toBe(1))
    await page.getByRole('button', { name: /Open it/ }).click()
    await page.getByRole('heading', { name: 'Rahim Uddin' }).waitFor()
    service.sends(id, textOf('Seu cartão chegou'), 'failed', by('agent', 'p01'))
    await page.getByText('What you wrote in the conversation with Maria Silva did not arrive.').waitFor()

    const letGo = service.holdAnswers()
    service.refuseNext('OUTSIDE_REPLY_WINDOW')
    await reply(page).fill('Bom dia!')
    await reply(page).press('Enter')
    await page.getByRole('link', { name: /João Reis/ }).click()
    await page.getByRole('heading', { name: 'João Reis' }).waitFor()
    letGo()
    await page.getByText('What you wrote in the conversation with Rahim Uddin did not arrive.').waitFor()
    await page.keyboard.press('z')
    await page.getByText('The 24 hours are over: choose a template.').waitFor()
    expect(at.complaints).toEqual([])
  })
})

describe('the clock of the machine', () => {
  test('is not gone by: the reply window and offers stand as long as the service says', async () => {
    await using service = await deskInMemory()
    const id = maria(service)
    const { id: offered } = service.begin()
    await using at = await desk(service, `/desk/mine/${id}`)
    const { page } = at
    await page.clock.install({ time: Date.now() + 25 * 3_600_000 })
    await page.reload()
    await page.getByText(/You may write freely for another 23 hrs? 5\d min/).waitFor()
    service.offer(offered, 'p01', 30)
    await page
      .getByRole('article')
      .getByText(/[23]\d secs? left to decide/)
      .waitFor()
    await page.keyboard.press('h')
    await page.getByRole('option', { name: 'In 15 minutes' }).click()
    await until(() => expect(sent(service, '/snooze')).toHaveLength(1))
    const until15 = Date.parse(String(sent(service, '/snooze')[0]?.body['until'])) - Date.now()
    expect(Math.abs(until15 - 15 * 60_000)).toBeLessThan(60_000)
  })
})

describe('the list', () => {
  test('goes on with the next one where the one before it was closed, and says the day of what is older', async () => {
    await using service = await deskInMemory()
    const ids = [1, 2, 3, 4].map(
      (nth) =>
        service.begin({ ...MINE, id: `c-${nth}`, at: new Date(Date.UTC(2026, 2, 9, 15, 10 - nth)) }).id,
    )
    await using at = await desk(service, `/desk/mine/${ids[1]}`)
    const { page } = at
    await thread(page).getByText('oi').waitFor()
    await page.locator(`[data-id="${ids[1]}"] time`).getByText('9 Mar').waitFor()
    service.supervisorCloses(ids[1]!, 'p09')
    await page.locator(`[data-id="${ids[1]}"]`).waitFor({ state: 'detached' })
    await page.keyboard.press('j')
    await until(async () => expect(await hasFocus(page, `[data-id="${ids[2]}"]`)).toBe(true))
  })

  test('that could not be read while the service was away is read once it is back', async () => {
    await using service = await deskInMemory()
    await using at = await desk(service)
    const { page } = at
    await page.getByText('You have no conversations.').waitFor()
    service.line.cut()
    await page.getByRole('link', { name: /^Closed/ }).click()
    await page.getByText('The list could not be loaded.').waitFor()
    service.line.restore()
    await page.getByText('Nothing was closed yet.').waitFor()
    expect(at.complaints).toEqual([])
  })
})

test('a conversation is snoozed until any time that one chooses, and its row says until when', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  await using at = await desk(service, `/desk/mine/${id}`, { ...CHECKED, timezoneId: 'America/Sao_Paulo' })
  const { page } = at
  await page.getByRole('button', { name: 'Put on hold' }).waitFor()
  await page.keyboard.press('h')
  const dialog = page.getByRole('dialog')
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  await dialog.getByLabel('Another date and time').fill(`${day}T09:30`)
  expect(await findings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Snooze' }).click()
  await until(() =>
    expect(sent(service, '/snooze')[0]?.body).toMatchObject({ until: `${day}T12:30:00.000Z` }),
  )
  await page
    .locator('.row')
    .getByText(/Snoozed until .* 09:30/)
    .waitFor()
})

test('a button that goes once it is pressed leaves the focus on its conversation, where Enter takes an offer', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  const { id: offered } = service.begin({ contact: { id: 'k2', name: 'Rahim Uddin', language: 'bn' } })
  await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
  const { page } = at
  await page.getByRole('button', { name: 'Put on hold' }).press('Enter')
  await page.getByRole('button', { name: 'Put on hold' }).waitFor({ state: 'detached' })
  expect(await hasFocus(page, '#thread')).toBe(true)
  service.offer(offered, 'p01', 30)
  await page.getByRole('article', { name: /Rahim Uddin/ }).waitFor()
  await page.keyboard.press('Enter')
  await until(() => expect(service.row(offered).owner?.id).toBe('p01'))
  expect(at.complaints).toEqual([])
})

test('whatever has the focus and goes leaves it on the conversation: an offer, what told of something, what opened a dialog', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  const { id: offered } = service.begin({ contact: { id: 'k2', name: 'Rahim Uddin', language: 'bn' } })
  await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
  const { page } = at
  const isOnIt = () => until(async () => expect(await hasFocus(page, '#thread')).toBe(true))
  await reply(page).waitFor()
  service.offer(offered, 'p01', 30)
  await page.getByRole('button', { name: /^Decline D/ }).press('Enter')
  await isOnIt()
  service.refuseNext('AGENT_AT_CAPACITY')
  await page.getByRole('button', { name: 'Put on hold' }).press('Enter')
  await page.locator('.toast[data-kind=trouble]').getByRole('button', { name: 'Dismiss' }).press('Enter')
  await isOnIt()
  const opener = page.locator('.conversation-actions').getByText('Snooze')
  await opener.press('Enter')
  await page.getByRole('dialog').waitFor()
  service.give(id, 'p02')
  await opener.waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await isOnIt()
  expect(at.complaints).toEqual([])
})

test('a row that goes with the focus on it holds the list no longer: what comes next stands in it', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  service.begin(joao)
  await using at = await desk(service)
  const { page } = at
  await page.locator(`[data-id="${id}"]`).focus()
  service.supervisorCloses(id, 'p09')
  await page.locator(`[data-id="${id}"]`).waitFor({ state: 'detached' })
  await until(async () => expect(await hasFocus(page, '#thread')).toBe(true))
  service.begin({ ...MINE, contact: { id: 'k3', name: 'Rahim Uddin', language: 'bn' } })
  await page.getByRole('link', { name: /Rahim Uddin/ }).waitFor()
  expect(at.complaints).toEqual([])
})

test('who may be meant is offered behind an @, by keys, and called', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  await using at = await desk(service, `/desk/mine/${id}`, CHECKED)
  const { page } = at
  await reply(page).waitFor()
  await page.keyboard.press('n')
  const note = page.getByRole('textbox', { name: 'Note for colleagues' })
  await note.waitFor()
  await page.keyboard.type('@bru')
  await page.getByRole('option', { name: 'Bruno Lima' }).waitFor()
  expect(await findings(page)).toEqual([])
  await page.keyboard.press('Enter')
  expect(await note.inputValue()).toBe('@Bruno Lima ')
  await page.keyboard.type('veja')
  await page.keyboard.press('Enter')
  await until(() =>
    expect(sent(service, '/notes')[0]?.body).toMatchObject({ text: '@Bruno Lima veja', mentions: ['p02'] }),
  )
  // Esc is for the name that is begun there, not for whatever is begun at its place later.
  await page.keyboard.type('@bru')
  await page.getByRole('option', { name: 'Bruno Lima' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('option', { name: 'Bruno Lima' }).waitFor({ state: 'detached' })
  await note.fill('')
  await page.keyboard.type('@bru')
  await page.getByRole('option', { name: 'Bruno Lima' }).waitFor()
  expect(at.complaints).toEqual([])
})

test('nobody moves in the list of whom to hand on to while one chooses: who is there by now says so where they stand', async () => {
  await using service = await deskInMemory()
  service.presenceIs('p01', 'available')
  const { id } = service.begin()
  await using at = await desk(service, `/desk/waiting/${id}`, {}, 'p07')
  const { page } = at
  await page.getByRole('button', { name: 'Transfer' }).waitFor()
  await page.keyboard.press('t')
  const people = page.getByRole('dialog').getByRole('option', { name: /Ana Souza|Bruno Lima/ })
  const inOrder = [/Ana Souza/, /Bruno Lima/].map((name): unknown => expect.stringMatching(name))
  await until(async () => expect(await people.allInnerTexts()).toEqual(inOrder))
  service.presenceIs('p01', 'away')
  service.presenceIs('p02', 'available')
  await people.filter({ hasText: 'Available' }).filter({ hasText: 'Bruno' }).waitFor()
  expect(await people.allInnerTexts()).toEqual(inOrder)
})

test('what is half written in a dialog is not taken away to ask whether somebody is there', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  await using at = await desk(service, `/desk/mine/${id}`)
  const { page } = at
  await page.clock.install()
  await page.reload()
  await page.locator('[data-line=live]').waitFor()
  service.presenceIs('p01', 'available')
  await page.getByRole('button', { name: 'Your presence: Available' }).waitFor()
  await page.getByRole('button', { name: 'Put on hold' }).waitFor()
  await page.keyboard.press('e')
  const lastWord = page.getByRole('dialog').getByRole('textbox', { name: /last word/ })
  await lastWord.fill('Até')
  await page.clock.fastForward('05:01')
  expect(await lastWord.inputValue()).toBe('Até')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // In a list of keys nothing is written.
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.clock.fastForward('05:01')
  await page.getByRole('dialog', { name: 'Are you still there?' }).waitFor()
})

test('who says that they are there is available again, though two offers ended while they were asked', async () => {
  await using service = await deskInMemory()
  await using at = await desk(service)
  const { page } = at
  await page.clock.install()
  await page.reload()
  await page.locator('[data-line=live]').waitFor()
  service.presenceIs('p01', 'available')
  await page.getByRole('button', { name: 'Your presence: Available' }).waitFor()
  await page.clock.fastForward('05:01')
  const here = page.getByRole('dialog').getByRole('button', { name: 'I am here' })
  await here.waitFor()
  service.missedTwo('p01')
  await page.locator('.presence[data-status=away]').waitFor()
  await here.click()
  await until(() => expect(service.presenceOf('p01')).toBe('available'))
})

test('what became of a message is told to who reads along while documents are behind, and stands in the thread of its owner who opens it then', async () => {
  await using service = await deskInMemory()
  const id = maria(service)
  const said = service.sends(id, textOf('Já vejo.'), 'sent', by('agent', 'p01'))
  await using at = await desk(service, '/desk/mine')
  const { page } = at
  const write = service.holdDocuments()
  service.customerWishes(id, receipt(said, 'read'))
  await until(async () => {
    const along = { headers: { cookie: 'person=p07' } }
    const answer = await fetch(`${service.url}/api/conversations/${id}`, along)
    const { messages } = (await answer.json()) as { messages: { id: string; status: string }[] }
    expect(messages.find((message) => message.id === said)?.status).toBe('read')
  })
  await page.getByRole('link', { name: /Maria Silva/ }).click()
  await page.locator(`[data-message="${said}"] [data-status=read]`).waitFor()
  write()
  expect(at.complaints).toEqual([])
})

test('the language that is chosen on the card of a closed conversation stays chosen', async () => {
  await using service = await deskInMemory()
  const { id } = service.begin({ ...joao, isClosed: true })
  await using at = await desk(service, `/desk/closed/${id}`)
  const { page } = at
  const choice = page.getByRole('combobox', { name: 'Language' })
  await choice.selectOption('bn')
  await until(() => expect(sent(service, '/language')).toHaveLength(1))
  await page.reload()
  await until(async () => expect(await choice.inputValue()).toBe('bn'))
})
