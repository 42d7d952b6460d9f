import { HttpRefusal } from '@parley/service'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FoundRow, SearchQuery } from '../../services/agent/src/adapters/archive/search-client.ts'
import { useBrowser } from './desk-browser.ts'
import { LOCALES, faultsSeen, freshPage } from './looks.ts'
import { type PagesSite, pagesSite } from './pages-site.ts'
import { until } from './world.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString()

const row = (id: string, over: Partial<FoundRow> = {}): FoundRow => ({
  id,
  contact: { id: `contact-${id}`, name: 'Maria Silva', language: 'pt' },
  stage: 'closed',
  queue: 'cards',
  owner: null,
  lastMessage: { author: 'customer', text: 'Perdi meu cartão', at: ago(2) },
  unreadCount: 0,
  waitingSince: null,
  replyWindowEndsAt: null,
  openedAt: ago(2),
  closedAt: ago(2),
  closeReason: 'solved',
  isTakenOver: false,
  movedBy: null,
  isOnHold: false,
  snoozedUntil: null,
  continues: null,
  why: null,
  hasDraft: false,
  mood: null,
  version: 1,
  counted: 0,
  ...over,
})

/** In São Paulo it is 2 March still. */
const LATE = '2026-03-03T02:56:00.000Z'

function found({ text, queue, counted }: SearchQuery): readonly FoundRow[] {
  if (text === 'nada') return []
  if (counted !== undefined) return [row('once', { counted: 1 }), row('twice', { counted: 2 })]
  if (queue === 'branches') return [row('late', { openedAt: LATE, closedAt: LATE })]
  if (queue === 'general') return Array.from({ length: 60 }, (_, at) => row(`g-${at}`))
  return [
    row('new'),
    row('old', { openedAt: ago(90), closedAt: ago(90) }),
    row('open', {
      stage: 'with_agent',
      closedAt: null,
      closeReason: null,
      owner: { kind: 'agent', id: 'p01', name: 'Ana Souza' },
    }),
  ]
}

const browser = useBrowser()
let site: PagesSite
beforeAll(async () => {
  site = await pagesSite({ found })
})
afterEach(() => site.fail(undefined))
afterAll(() => site?.[Symbol.asyncDispose]())

async function at(person: string, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await freshPage(browser(), options)
  await page.context().addCookies([{ name: 'person', value: person, url: site.url }])
  await page.goto(`${site.url}${path}`)
  await page.getByRole('searchbox').waitFor()
  return page
}

async function looksFor(page: Page, words: string): Promise<void> {
  await page.getByRole('searchbox').fill(words)
  await page.getByRole('searchbox').press('Enter')
}

test('what people look for stands in no address and is kept nowhere; what they filter by does, and comes back', async () => {
  const page = await at('p07', '/search')
  await page.getByRole('combobox', { name: 'Who had it' }).selectOption({ label: 'Ana Souza' })
  await page.getByRole('combobox', { name: 'Queue' }).selectOption('cards')
  await page.getByRole('combobox', { name: 'Closed for' }).selectOption({ label: 'Customer did not answer' })
  await page.getByRole('combobox', { name: 'answer to the survey' }).selectOption({ label: 'below 3' })
  await page.getByRole('combobox', { name: 'Judged' }).selectOption({ label: 'below 70 %' })
  await page.getByLabel('From', { exact: true }).fill('2026-03-02')
  await page.getByLabel('To', { exact: true }).fill('2026-03-03')
  await looksFor(page, 'segredo 52998224725')
  await until('it is asked', () => site.searched.some(({ text }) => text === 'segredo 52998224725'))
  expect(site.searched.find(({ text }) => text === 'segredo 52998224725')).toMatchObject({
    agent: 'p01',
    queue: 'cards',
    reason: 'no_answer',
    scoreBelow: 3,
    among: ['new'],
    from: '2026-03-02T03:00:00.000Z',
    // The last day is asked for, too.
    to: '2026-03-04T03:00:00.000Z',
  })
  await page.locator('[data-id=new]').waitFor()
  const chosen =
    'agent=p01&queue=cards&reason=no_answer&scoreBelow=3&judgedBelow=70&from=2026-03-02&to=2026-03-03'
  expect(new URL(page.url()).search).toBe(`?${chosen}`)
  expect(site.addresses.filter((url) => /segredo|52998224725/.test(url))).toEqual([])
  const kept = await page.evaluate<string>(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])',
  )
  expect(kept).not.toContain('segredo')
  await page.reload()
  await page.locator('[data-id=new]').waitFor()
  expect(await page.getByRole('searchbox').inputValue()).toBe('')
  expect(site.searched.at(-1)).toMatchObject({ agent: 'p01', text: '' })
})

test('what is looked for once more by the same words is asked once more: what happened last is found a moment later', async () => {
  const page = await at('p07', '/search')
  const asked = () => site.searched.filter(({ text }) => text === 'de novo').length
  await looksFor(page, 'de novo')
  await page.locator('[data-id=new]').waitFor()
  expect(asked()).toBe(1)
  await page.getByRole('searchbox').press('Enter')
  await until('it is asked again', () => asked() === 2)
  await page.locator('[data-id=new]').waitFor()
})

test('what was found on a day stands under that day, whatever the clock of the machine says', async () => {
  const page = await at('p07', '/search?queue=branches&from=2026-03-02&to=2026-03-02', {
    timezoneId: 'Asia/Dhaka',
  })
  const said = await page.locator('[data-id=late]').innerText()
  expect(said.match(/\d+ Mar 2026, \d\d:\d\d/g)).toEqual(['2 Mar 2026, 23:56', '2 Mar 2026, 23:56'])
})

test('what was found opens where it can be read, and may be judged by who judges', async () => {
  const page = await at('p07', '/search?queue=cards')
  const links = (id: string) =>
    page
      .locator(`[data-id="${id}"] a`)
      .evaluateAll<string[], { getAttribute(name: string): string }>((all) =>
        all.map((each) => each.getAttribute('href')),
      )
  await page.locator('[data-id=new]').waitFor()
  expect(await links('new')).toEqual(['/desk/closed/new', '/judging/new'])
  expect(await links('open')).toEqual(['/desk/all/open'])
  expect(await links('old')).toEqual([])
  const agent = await at('p01', '/search?queue=cards')
  await agent.locator('[data-id=new]').waitFor()
  expect(await agent.getByRole('link', { name: 'Judge', exact: true }).count()).toBe(0)
})

test('what the desk has forgotten is read in its transcript, by whoever may hand it out', async () => {
  const page = await at('p07', '/search?queue=cards')
  await page.locator('[data-id=old]').getByRole('button', { name: 'Transcript' }).click()
  await page.waitForURL('**/icon.svg')
  expect(site.links).toEqual([{ conversationId: 'old', person: 'p07' }])
  const agent = await at('p01', '/search?queue=cards')
  await agent.locator('[data-id=old]').waitFor()
  expect(await agent.getByRole('button', { name: 'Transcript' }).count()).toBe(0)
})

test('what a figure counts is said by its name, with how often each row counts, until everything is searched again', async () => {
  const page = await at('p07', '/search?metric=handled&by=queue&key=cards&from=2026-03-02&to=2026-03-02')
  await page.getByText('What is counted by: Handled · Cards').waitFor()
  await page.locator('[data-counted="3"]').getByText('2 found · counted 3 times').waitFor()
  await page.locator('[data-id=twice]').getByText('counts 2 times').waitFor()
  expect(site.searched.at(-1)).toMatchObject({
    from: '2026-03-02T03:00:00.000Z',
    to: '2026-03-03T03:00:00.000Z',
    counted: { metric: 'handled', by: 'queue', keys: ['cards'], isDenominator: false },
  })
  await page.getByRole('button', { name: 'Search everything' }).click()
  await page.locator('[data-id=new]').waitFor()
  expect(new URL(page.url()).search).toBe('?from=2026-03-02&to=2026-03-02')
})

test('where the last conversations of a number are still being written the page says so, and neither that there are none nor that they are another team’s', async () => {
  const page = await at('p07', '/search')
  let conversations = [row('first', { counted: 1 })]
  await page.route('**/api/search/archive', (route) =>
    route.fulfill({
      json: { conversations, cursor: null, countedInAll: 3, isBehind: true, position: '0:7' },
    }),
  )
  await page.goto(`${site.url}/search?metric=closed&from=2026-03-02`)
  const note = page.getByRole('note')
  await note.waitFor()
  expect(await note.innerText()).toBe('What was counted last is still being written: ask again in a moment.')
  await page.locator('[data-id=first]').waitFor()
  conversations = []
  await page.reload()
  await note.waitFor()
  expect(await page.getByText('Nothing was found.').count()).toBe(0)
})

test('older ones come when they are asked for', async () => {
  const page = await at('p07', '/search?queue=general')
  await page.getByText('The newest 50').waitFor()
  await page.getByRole('button', { name: 'Show older ones' }).click()
  await page.getByText('60 found').waitFor()
  expect(await page.locator('.results li').count()).toBe(60)
})

test('nothing found, not allowed, refused and failed look different', async () => {
  const page = await at('p07', '/search')
  expect(site.addresses.at(-1)).not.toBe('/api/search/archive')
  await looksFor(page, 'nada')
  await page.getByText('Nothing found.').waitFor()
  site.fail(new HttpRefusal(403, 'NOT_ALLOWED', 'no'))
  await looksFor(page, 'um')
  await page.locator('[data-state=not-allowed]').waitFor()
  site.fail(undefined)
  await page.goto(`${site.url}/search?from=soon`)
  await page.locator('[data-state=refused]').getByText('choose the filters anew').waitFor()
  site.fail(new HttpRefusal(503, 'ARCHIVE_UNAVAILABLE', 'no'))
  await page.goto(`${site.url}/search`)
  await looksFor(page, 'dois')
  await page.locator('[data-state=failed]').waitFor()
})

test.for(LOCALES)(
  'in %s, in all colours and at each width nothing is cut off, and the checker finds nothing',
  { timeout: 120_000 },
  async (locale) => {
    const page = await at('p07', '/search?queue=cards', { locale, bypassCSP: true })
    await page.locator('[data-id=new]').waitFor()
    expect(await faultsSeen(page, 'search')).toEqual([])
  },
)
