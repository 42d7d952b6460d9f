import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsOf, isFailed, says } from '../../services/routing/test/story.ts'
import { watch } from './alerts.ts'
import { useBrowser } from './desk-browser.ts'
import { findings, freshPage, picture, signedInPage } from './looks.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

const browser = useBrowser()
let world: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  world = await deskWorld()
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** Somebody who is signed in, at that page. */
async function at(login: string, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await signedInPage(browser(), login, `${world.agent.url}${path}`, {
    viewport: { width: 1920, height: 1080 },
    ...options,
  })
  await page.locator('[data-line=live]').waitFor()
  return page
}

test('whose role does not show the wallboard is told so, and where else they may go: they are not led to the sign-in', async () => {
  for (const path of ['/wallboard', '/wallboard/live']) {
    const page = await signedInPage(browser(), 'ana', `${world.agent.url}${path}`, {})
    await page.getByText('Your role does not show this.').waitFor()
    expect(new URL(page.url()).pathname).toBe(path)
    await page.getByRole('navigation').getByRole('link', { name: 'Desk' }).waitFor()
    await page.context().close()
  }
})

const digits = (page: Page, name: string) =>
  page.getByRole('region', { name, exact: true }).locator('.digits')
const numberIn = async (page: Page, name: string) => Number(await digits(page, name).textContent())

/** With the sound on. @returns how many tones there were: two each time */
async function listening(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(`{
    window.toneCount = 0
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (...when) { window.toneCount += 1; return start.apply(this, when) }
  }`)
  await page.getByRole('button', { name: 'Sound is off' }).click()
  await page.getByRole('button', { name: 'Sound is on' }).waitFor()
  return () => page.evaluate<number>('window.toneCount')
}

test('the wallboard changes within a second of what a customer does, and the number opens exactly its rows', async () => {
  const page = await at('vera', '/wallboard')
  expect(await page.locator('[data-line=live]').innerText()).toMatch(/live · \d(\.\d)? s ago/)
  const before = await numberIn(page, 'Waiting')
  const took: number[] = []
  // The machine may do something else for a second, but not each time.
  for (let one = 1; one <= 3; one += 1) {
    await world.waits('general')
    const waits = performance.now()
    await until('the number is one more', async () => (await numberIn(page, 'Waiting')) === before + one)
    took.push(performance.now() - waits)
  }
  expect(Math.min(...took)).toBeLessThan(1_000)
  const { conversationId } = await world.waits('general')
  await until('the number is one more', async () => (await numberIn(page, 'Waiting')) === before + 4)
  await digits(page, 'Waiting').click()
  await page.locator(`[data-id="${conversationId}"]`).waitFor()
  expect(await page.locator('[data-count]').getAttribute('data-count')).toBe(String(before + 4))
  expect(await page.locator('.live-list li').count()).toBe(before + 4)
  const stage = page.getByRole('combobox', { name: 'Stage' })
  expect(await stage.locator('option:checked').innerText()).toBe('Waiting + Being offered')
})

test('an alert is shown with a sign, the word and the reason until it is over, and sounds once while nobody looks after it', async () => {
  const page = await at('vera', '/wallboard')
  const tones = await listening(page)
  await watch(world, {
    name: 'sues',
    reason: 'Read along, and take over where it helps.',
    condition: { $case: 'words', value: { patterns: ['procon'] } },
  })
  const { contact, conversationId } = await world.waits('branches')
  await world.wish(contact, says('Vou ao PROCON!'))
  const alert = page.locator('.alerts li')
  await alert.waitFor()
  expect(await alert.innerText()).toMatch(
    /⚠ Alert[^]*Branches · Words were said[^]*Read along, and take over/,
  )
  expect(await alert.innerText()).not.toMatch(/procon/i)
  await until('it sounds', async () => (await tones()) > 0)
  const other = await at('sonia', '/wallboard')
  await other.locator('.alerts li').getByRole('button', { name: 'Look after it' }).click()
  await page.locator('.alerts li[data-seen=true]').waitFor()
  expect(await alert.innerText()).toMatch(/◉ Looked after/)
  // Of two tones; once.
  expect(await tones()).toBe(2)
  expect(await alert.getByRole('link').getAttribute('href')).toBe(`/desk/all/${conversationId}`)
})

test('a breach sounds once until somebody has seen it, however often it goes and comes; then the next one does, unless the sound is off', async () => {
  const page = await at('vera', '/wallboard')
  const now = await page.evaluate<{ totals: object }>(
    `fetch('/api/wallboard').then((answer) => answer.json())`,
  )
  let serviceLevelPercent = 90
  // The stream ends behind each word, and the page comes for the next one.
  await page.route('**/api/wallboard/stream**', (route) => {
    const told = { ...now, alerts: [], totals: { ...now.totals, serviceLevelPercent } }
    return route.fulfill({
      contentType: 'text/event-stream',
      body: `retry: 20\nevent: wallboard\ndata: ${JSON.stringify(told)}\n\n`,
    })
  })
  await page.reload()
  const tile = page.getByRole('region', { name: 'Service level today', exact: true })
  const is = async (percent: number, verdict: string) => {
    serviceLevelPercent = percent
    await until(
      `the service level is ${verdict}`,
      async () => (await tile.getAttribute('data-verdict')) === verdict,
    )
  }
  await is(90, 'good')
  const tones = await listening(page)
  const banner = page.locator('.breach')
  await is(10, 'breach')
  await banner.getByText('Beyond the limit: Service level today').waitFor()
  expect(await tones()).toBe(2)
  await is(90, 'good')
  await banner.getByText('Was beyond the limit: Service level today').waitFor()
  await is(10, 'breach')
  await banner.getByText('Beyond the limit: Service level today').waitFor()
  expect(await tones()).toBe(2)
  await banner.getByRole('button', { name: 'Seen' }).click()
  await banner.waitFor({ state: 'detached' })
  await is(90, 'good')
  expect(await tones()).toBe(2)
  await is(10, 'breach')
  await banner.waitFor()
  expect(await tones()).toBe(4)
  await banner.getByRole('button', { name: 'Seen' }).click()
  await page.getByRole('button', { name: 'Sound is on' }).click()
  await page.getByRole('button', { name: 'Sound is off' }).waitFor()
  await is(90, 'good')
  await is(10, 'breach')
  await banner.waitFor()
  expect(await tones()).toBe(4)
})

test('the number of agents in a state opens exactly those agents, with how long they are in it', async () => {
  const page = await at('vera', '/wallboard')
  await world.wishPool('SetPresence', { agentId: 'p12', status: 'away' })
  const away = page.locator('.agents [data-status=away]')
  await away.locator('summary').click()
  await away.getByText('Fábio Rocha').waitFor()
  expect(await away.locator('[data-agent]').count()).toBe(
    Number(await away.locator('summary strong').innerText()),
  )
})

test('what was not sent is counted, by vendor and flow too, and each number opens its rows', async () => {
  const mine = await world.waits('branches')
  const notice = await until('they are told how long it takes', async () =>
    factsOf(await world.told(mine.contact), 'MessageSendRequested').find(
      ({ purpose }) => purpose === 'waiting_notice',
    ),
  )
  await world.wish(mine.contact, isFailed(notice.messageId))
  const page = await at('vera', '/wallboard')
  await page.locator('[data-sends=failed]').getByText('1', { exact: true }).waitFor()
  await page.locator('[data-sends=failed] a').click()
  await page.locator(`[data-id="${mine.conversationId}"]`).waitFor()
  expect(await page.locator('[data-count]').getAttribute('data-count')).toBe('1')
  for (const [by, name] of [
    ['vendor', 'Contato Sul Atendimento'],
    ['flow', 'atendimento'],
  ] as const) {
    await page.goto(`${world.agent.url}/wallboard?by=${by}`)
    const cell = page.locator(`.groups tr[data-name="${name}"] td`).first().getByRole('link')
    const count = await cell.innerText()
    await cell.click()
    await page.locator(`[data-id="${mine.conversationId}"]`).waitFor()
    expect(await page.locator('[data-count]').getAttribute('data-count')).toBe(count)
  }
})

test('each figure of the day opens what it counts: of the company, of the queue that the address names, of each row', async () => {
  const figures = {
    serviceLevelPercent: 80,
    abandonedPercent: 5,
    handledToday: 12,
    containmentPercent: 60,
  }
  const shown = async (path: string) => {
    const page = await at('vera', path)
    const now = await page.evaluate<{
      at: string
      totals: object
      queues: object[]
      vendors: { queues: string[] }[]
      flows: object[]
    }>(`fetch('/api/wallboard').then((answer) => answer.json())`)
    const of = (numbers: object) => ({ ...numbers, ...figures })
    const told = {
      ...now,
      totals: of(now.totals),
      queues: now.queues.map(of),
      vendors: now.vendors.map(of),
      flows: now.flows.map(of),
    }
    const [vendor] = now.vendors
    await page.route('**/api/wallboard/stream**', (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: `event: wallboard\ndata: ${JSON.stringify(told)}\n\n`,
      }),
    )
    await page.reload()
    await page.getByText('12', { exact: true }).first().waitFor()
    const links = await page
      .locator('a[href^="/search"]')
      .evaluateAll<string[], { getAttribute(name: string): string }>((all) =>
        all.map((each) => each.getAttribute('href')),
      )
    // The company's day, which is not everybody's.
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Sao_Paulo' }).format(new Date(now.at))
    return {
      links: links.map((link) => link.replace(`&from=${day}&to=${day}`, '')),
      queues: vendor?.queues ?? [],
    }
  }
  expect((await shown('/wallboard')).links).toEqual(
    expect.arrayContaining([
      '/search?metric=containment',
      '/search?metric=service_level&part=denominator',
      '/search?metric=abandonment',
      '/search?metric=handled',
      '/search?metric=service_level&by=queue&key=cards&part=denominator',
    ]),
  )
  const { links: ofVendors, queues: waitedIn } = await shown('/wallboard?by=vendor')
  expect(waitedIn).not.toEqual([])
  expect(ofVendors).toContain(
    `/search?metric=service_level&by=queue${waitedIn.map((name) => `&key=${name}`).join('')}&part=denominator`,
  )
  expect((await shown('/wallboard?queue=cards&by=flow')).links).toEqual(
    expect.arrayContaining([
      '/search?metric=service_level&by=queue&key=cards&part=denominator',
      '/search?metric=abandonment&by=queue&key=cards',
      '/search?metric=handled&by=queue&key=cards',
      '/search?metric=containment&by=flow&key=atendimento',
    ]),
  )
})

test('how long a conversation is open and idle is told by the service’s clock, whatever the viewer’s says', async () => {
  const { conversationId } = await world.waits('general')
  const page = await at('vera', '/wallboard/live')
  await page.clock.setSystemTime(Date.now() + 7_200_000)
  await page.reload()
  const times = page.locator(`[data-id="${conversationId}"] .small`)
  await until('its times are told', async () => /Open for \d/.test(await times.innerText()))
  // By the viewer's it would be two hours.
  expect(await times.innerText()).not.toMatch(/hr/)
})

test('a supervisor moves those that they pick to another queue, and no others', async () => {
  const [one, other] = [await world.waits('general'), await world.waits('general')]
  const page = await at('sonia', '/wallboard/live')
  await page.locator(`[data-id="${one.conversationId}"]`).getByRole('checkbox').check()
  await page.getByLabel('Move this one to').selectOption('branches')
  await page.getByRole('button', { name: 'Move', exact: true }).click()
  await page.getByText('1 moved.').waitFor()
  await page.locator(`[data-id="${one.conversationId}"]`).getByText('Branches').waitFor()
  expect(await page.locator(`[data-id="${other.conversationId}"]`).innerText()).toContain('General')
})

test('a supervisor reads along, whispers, takes over and gives back; the agent sees the whisper beside the composer, the customer never', async () => {
  const ana = await Person.signedIn(world, 'ana')
  const { contact, conversationId: id } = await world.waits('general')
  await ana.is('busy')
  expect(await ana.claims(id)).toMatchObject({ status: 200 })
  const desk = await at('ana', `/desk/mine/${id}`, { viewport: { width: 1440, height: 900 } })
  await desk.getByRole('log').getByText('oi', { exact: true }).waitFor()
  const live = await at('sonia', '/wallboard/live')
  const marks: string[] = []
  live.on('request', (request) => void (request.url().endsWith('/read') && marks.push(request.url())))
  const row = live.locator(`[data-id="${id}"]`)
  await row.getByRole('button', { name: 'Whisper' }).click()
  await live.getByLabel('Whisper to Ana Souza').fill('Ofereça o desconto.')
  await live.getByRole('button', { name: 'Send' }).click()
  await desk.locator('.whisper').getByText('Ofereça o desconto.').waitFor()
  expect(await desk.locator('.whisper').innerText()).toContain('Sônia Castro whispers')

  await row.getByRole('link', { name: 'Read along' }).click()
  await live.locator('[data-line=live]').waitFor()
  await world.wish(contact, says('tem desconto?'))
  await live.getByRole('log').getByText('tem desconto?', { exact: true }).waitFor()
  expect(marks).toEqual([])
  await live.getByRole('button', { name: 'Take over' }).click()
  await live.getByRole('textbox', { name: 'Reply to the customer' }).waitFor()
  await desk
    .locator('.toast[data-kind=trouble]')
    .getByText('Sônia Castro has the conversation now.')
    .waitFor()
  await world.wishPool('SetPresence', { agentId: 'p01', status: 'available' })
  await live.getByRole('button', { name: 'Give back' }).click()
  await desk.getByRole('textbox', { name: 'Reply to the customer' }).waitFor()

  const words = (await world.told(contact))
    .filter(({ type }) => type === 'MessageSendRequested')
    .flatMap(({ envelope }) => envelope.content.map(({ value }) => Buffer.from(value).toString('utf8')))
  expect(words.join('\n')).not.toContain('desconto')
  await picture(desk, 'whisper')
})

test.for([
  ['pt-BR', 'dark', 1920, 1080, false],
  ['en-GB', 'light', 1920, 1080, true],
  ['bn-BD', 'dark', 3840, 2160, true],
  ['pt-BR', 'light', 3840, 2160, false],
] as const)(
  'in %s, %s, at %i × %i, with alerts or without (%s), its digits are a fourteenth of the height, nothing scrolls, nothing is told by colour alone',
  async ([locale, colorScheme, width, height, isAlerted]) => {
    if (isAlerted) {
      const rule = (name: string) => ({
        name,
        reason: 'More wait than the shift can answer: call people in, or tell customers how long it takes.',
        // Always so.
        condition: {
          $case: 'figure' as const,
          value: { figure: 'withRobot', limit: 1_000, isBelow: true },
        },
      })
      await watch(world, rule('many_waiting'), rule('too_many'), rule('far_too_many'))
    } else await watch(world)
    const page = await at('vera', '/wallboard', {
      locale,
      colorScheme,
      viewport: { width, height },
      bypassCSP: true,
    })
    await page.locator('.tile').first().waitFor()
    // The line of alerts takes its room from nothing that is read from afar.
    if (isAlerted) await page.locator('.alerts li').first().waitFor()
    const sizes = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.digits')].map((each) => Number.parseFloat(getComputedStyle(each).fontSize))`,
    )
    expect(sizes.length).toBeGreaterThanOrEqual(6)
    // Of a digit's own height, which is 0.7 of the size of its type and more.
    for (const size of sizes) expect(size * 0.7).toBeGreaterThanOrEqual(height / 14)
    const outside = await page.evaluate<string[]>(`(() => {
      const { scrollHeight, scrollWidth, clientHeight, clientWidth } = document.documentElement
      const all = [...document.querySelectorAll('.wallboard, .wallboard main, .alerts, .below, .tile')]
      return [
        ...(scrollHeight > clientHeight || scrollWidth > clientWidth ? ['the page'] : []),
        ...all
          .filter((each) => each.scrollHeight - each.clientHeight > 1 || each.getBoundingClientRect().bottom > clientHeight + 1)
          .map((each) => each.className),
      ]
    })()`)
    expect(outside).toEqual([])
    // A letter may stand out of its line; a line that is hidden is more than that.
    const cut = await page.evaluate(`[...document.querySelectorAll('.alerts .about')]
      .filter((each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight * 1.3)
      .map((each) => each.textContent)`)
    expect(cut).toEqual([])
    for (const tile of await page.locator('.tile[data-verdict]:not([data-verdict=none]) .verdict').all())
      expect(await tile.innerText()).toMatch(/[✓▲✖] \S+/)
    expect(await findings(page)).toEqual([])
    await picture(page, `wallboard-${locale}-${colorScheme}-${height}`)
  },
)

test('on a phone an alert says whole what is wrong, in the unit of its figure', async () => {
  const rule = (name: string, figure: string) => ({
    name,
    reason: 'More wait than the shift can answer: call people in, or tell customers how long it takes.',
    // Always so.
    condition: { $case: 'figure' as const, value: { figure, limit: 1_000, isBelow: true } },
  })
  await watch(world, rule('no_wait', 'longestWaitSeconds'), rule('few', 'waiting'))
  const page = await at('vera', '/wallboard', { locale: 'en-GB', viewport: { width: 360, height: 740 } })
  // Alerts of rules that were taken away end a moment later.
  await until('both are open, and no other', async () => {
    const said = (await page.locator('.alerts .about').allInnerTexts()).toSorted()
    return (
      said.length === 2 &&
      /Longest wait \d+:\d\d \(at least 16:40\) · More wait than/.test(said[0]!) &&
      /Waiting \d+ \(at least 1,000\) · More wait than/.test(said[1]!)
    )
  })
  expect(
    await page.evaluate(`[...document.querySelectorAll('.alerts .about, .alerts button')]
      .map((each) => [each, each.getBoundingClientRect()])
      .filter(([each, box]) => box.width === 0 || each.scrollWidth > each.clientWidth + 1 || box.right > innerWidth)
      .map(([each]) => each.className)`),
  ).toEqual([])
  await watch(world)
})

test('a television shows the numbers of who set it up, and nobody’s name; ended it goes dark, and comes back when it may', async () => {
  const vera = await Person.signedIn(world, 'vera')
  const made = await vera.change('POST', '/api/wallboard/televisions', {}, null)
  expect(made).toMatchObject({ status: 200, body: { url: expect.stringMatching(/\/tv\/[\w-]{43}$/) } })
  const page = await freshPage(browser(), { viewport: { width: 1920, height: 1080 } })
  await page.clock.install()
  await page.goto(made.body['url'])
  await page.locator('.tile').first().waitFor()
  expect(await page.locator('a').count()).toBe(0)
  const cut = new AbortController()
  const answer = await fetch(`${made.body['url']}/stream`, { signal: cut.signal })
  let told = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body ?? []) {
    told += decoder.decode(chunk as Uint8Array, { stream: true })
    if (/^data: .*\n\n/m.test(told)) break
  }
  cut.abort()
  expect(told).not.toMatch(/"id":"p\d\d"/)
  expect(told).not.toMatch(/"(conversationId|acknowledgedBy)":"/)
  expect(told).toContain('"waiting":')
  const url = new URL(`${made.body['url']}/stream`)
  await page.route(url.href, (route) => route.fulfill({ status: 404 }))
  await page.reload()
  await until('it is refused', async () => (await page.locator('[data-line=connecting]').count()) === 1)
  await page.unroute(url.href)
  await page.clock.fastForward('02:00')
  await page.locator('.tile').first().waitFor()

  const sonia = await Person.signedIn(world, 'sonia')
  const listed = async (person: Person) =>
    (await person.get('/api/wallboard/televisions')).body['televisions'].map(({ id }: { id: string }) => id)
  expect(await listed(vera)).toEqual([made.body['id']])
  expect(await listed(sonia)).toEqual([])
  await sonia.change('DELETE', `/api/wallboard/televisions/${made.body['id']}`, {}, null)
  expect(await listed(await Person.signedIn(world, 'marta'))).toEqual([made.body['id']])
  await vera.change('DELETE', `/api/wallboard/televisions/${made.body['id']}`, {}, null)
  const isOnRecord = async (type: 'television_added' | 'television_ended') =>
    (await world.recorded('p09', type)).some(({ subject }) => subject === made.body['id'])
  expect(await isOnRecord('television_added')).toBe(true)
  // What an act answers for is in the log as a wish, and decided in its turn.
  await until('its end is on record', () => isOnRecord('television_ended'))
  await until('it is dark', async () => (await page.locator('.tile').count()) === 0)
  expect((await fetch(`${made.body['url']}/stream`)).status).toBe(404)
  expect((await fetch(`${world.agent.url}/tv/no-such-token/targets`)).status).toBe(404)
})

test('a supervisor makes an address for a screen on a wall as the board is narrowed, is shown it once, and ends it, by keys alone', async () => {
  const page = await at('vera', '/wallboard?queue=cards', { bypassCSP: true })
  const open = page.getByRole('button', { name: 'Screens on a wall' })
  await open.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Screens on a wall' })
  await dialog.getByText('There is none yet.').waitFor()
  await dialog.getByRole('button', { name: 'Make an address' }).press('Enter')
  const address = await dialog.getByLabel('It is shown only now').inputValue()
  const listed = dialog.locator('[data-television]')
  await listed.waitFor()
  expect(await listed.innerText()).toMatch(/^Cards, until \w+/)
  expect(await findings(page)).toEqual([])
  await picture(page, 'televisions')

  const screen = await freshPage(browser())
  await screen.goto(address)
  await screen.locator('.tile').first().waitFor()
  expect(await screen.locator('.groups tbody tr').count()).toBe(1)
  expect(await screen.getByRole('button', { name: 'Screens on a wall' }).count()).toBe(0)

  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await page.keyboard.press('Enter')
  await listed.waitFor()
  expect(await dialog.getByLabel('It is shown only now').count()).toBe(0)
  await listed.getByRole('button', { name: 'End' }).press('Enter')
  await dialog.getByText('There is none yet.').waitFor()
  await until('the screen is dark', async () => (await screen.locator('.tile').count()) === 0)
})

test('a stream that says nothing for seven seconds is told plainly, not before, and is over when it is back', async () => {
  const page = await at('vera', '/wallboard')
  await page.addInitScript(`{
    const Real = EventSource
    window.EventSource = class extends Real { constructor(address) { super(address); window.stream = this } }
  }`)
  await page.clock.install()
  await page.reload()
  await page.locator('.tile').first().waitFor()
  // From here on the time of the page goes by as it is told: from a moment that is still to come when the page hears of it.
  await page.clock.pauseAt(await page.evaluate<number>('Date.now() + 3_000'))
  await page.evaluate('window.stream.close()')
  await page.clock.runFor(500)
  const [age = ''] = /[\d.]+/.exec(await page.locator('.line').innerText()) ?? []
  await page.clock.runFor(6_900 - Number(age) * 1_000)
  expect(await page.locator('.banner').count()).toBe(0)
  await page.clock.runFor(700)
  // A number beyond its limit is an alert, too.
  const silence = page.getByRole('alert').getByText(/Nothing has come for \d+ s/)
  expect(await silence.innerText()).toMatch(/for 7 s/)
  await page.clock.resume()
  await page.route('**/api/wallboard/stream**', (route) => route.abort())
  await page.reload()
  await silence.waitFor()
  await page.unroute('**/api/wallboard/stream**')
  await page.locator('[data-line=live]').waitFor()
  expect(await page.locator('.banner').count()).toBe(0)
})
