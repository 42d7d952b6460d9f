import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { worthTogether } from '@parley/figures'
import { HttpRefusal } from '@parley/service'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FigureQuery, ReadFigure } from '../../services/agent/src/adapters/archive/figures-client.ts'
import { en } from '../../services/console/src/figures/definitions/en.ts'
import { useBrowser } from './desk-browser.ts'
import { LOCALES, faultsSeen, freshPage } from './looks.ts'
import { type PagesSite, pagesSite } from './pages-site.ts'
import { until } from './world.ts'

/** Between these the test's company answered: each queue `of` conversations a day, of them `inTime`. */
const DAYS = ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-09', '2026-03-10', '2026-03-11']
const HOUR_MS = 60 * 60 * 1_000

function figure({ keys = [], together, ...query }: FigureQuery): ReadFigure['rows'] {
  const rows = eachOf(query).filter(({ key }) => keys.length === 0 || keys.includes(key))
  const placeOf = ({ key, from }: (typeof rows)[number]) =>
    together === 'windows' ? key : together === 'keys' ? from : `${key} ${from}`
  return [...Map.groupBy(rows, placeOf).values()].map((same) => ({
    ...same[0]!,
    ...worthTogether(same[0]!.denominator === null ? 'count' : 'percent', same)!,
    ...(together === 'keys' && { key: 'all' }),
  }))
}

function eachOf({ metric, by, window, from, to }: FigureQuery): ReadFigure['rows'] {
  const keys = {
    queue: ['general', 'cards', '=1+1'],
    agent: ['p01', 'p02'],
    team: ['atendimento'],
    vendor: [],
    flow: [],
    '': ['all'],
  }
  if (metric === 'flow_step_reached')
    return within(from, to, (begin) =>
      [
        ['lost_card/start', 10],
        ['lost_card/cpf', 8],
        ['lost_card/confirm', 2],
      ].map(([key, reached]) => ({
        key: String(key),
        from: begin,
        value: Number(reached) * 10,
        numerator: Number(reached),
        denominator: 10,
      })),
    )
  const isShare = /level|abandonment|csat|rate|containment|occupancy|completion|resolution/.test(metric)
  return within(from, to, (begin) =>
    keys[by as keyof typeof keys].flatMap((key, at) => {
      const of = 10 * (at + 1)
      const day = begin.slice(8, 10)
      const good = key === 'cards' ? 5 : Number(day) % 2 === 0 ? of : of / 2
      const hours = window === 'hour' ? [0, 1] : [0]
      return hours.map((hour) => ({
        key,
        from: new Date(Date.parse(begin) + (12 * (window === 'hour' ? 1 : 0) + hour) * HOUR_MS).toISOString(),
        value: isShare ? (good / of) * 100 : of,
        numerator: isShare ? good : of,
        denominator: isShare ? of : null,
      }))
    }),
  )
}

/** Midnight in São Paulo is 03:00 UTC. */
const within = (from: string, to: string, rows: (begin: string) => ReadFigure['rows']) =>
  DAYS.map((day) => `${day}T03:00:00.000Z`)
    .filter((begin) => begin >= from && begin < to)
    .flatMap(rows)

const browser = useBrowser()
let site: PagesSite
beforeAll(async () => {
  site = await pagesSite({ figure })
})
afterEach(() => site.fail(undefined))
afterAll(() => site?.[Symbol.asyncDispose]())

const complaints: string[] = []

async function at(person: string, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await freshPage(browser(), { timezoneId: 'Asia/Dhaka', ...options })
  await page.context().addCookies([{ name: 'person', value: person, url: site.url }])
  complaints.length = 0
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(`${site.url}${path}`)
  return page
}

/** `--line-1` of pages.css, where it is light. */
const LINE_1 = [0x0b, 0x5d, 0x4b]
const WEEK = 'from=2026-03-09&to=2026-03-15'
const cells = (page: Page, table: string, key: string) =>
  page.locator(`[data-table=${table}] [data-key="${key}"] td`).allInnerTexts()

test('a figure is shown with its version, definition, numerator and denominator; together it is of the sums', async () => {
  const page = await at('p09', `/figures?by=queue&metric=service_level&${WEEK}`)
  await page.locator('[data-table=totals] [data-key=general]').waitFor()
  expect(await page.getByRole('heading', { level: 2, name: 'Service level', exact: true }).count()).toBe(1)
  expect(await page.getByText('Definition, version 1').count()).toBe(1)
  // Of three days: 5, 10, 5 of 10; 5 of 20 each.
  expect(await cells(page, 'totals', 'general')).toEqual(['66.7%', '20', '30'])
  expect(await cells(page, 'totals', 'cards')).toEqual(['25%', '15', '60'])
  const together = await page.locator('[data-table=totals] tfoot td').allInnerTexts()
  expect(together).toEqual(['52.8%', '95', '180'])
  expect(await page.locator('.caveats').innerText()).toContain('not the mean of their values')
  // Drawn by answers of its own.
  await page
    .getByRole('img', { name: /Service level: chart/ })
    .locator('canvas')
    .waitFor()
  expect(complaints).toEqual([])
})

test('all that is chosen stands in the address, comes back with it, and by the browser’s way back', async () => {
  const page = await at('p09', '/figures')
  await page.getByRole('combobox', { name: 'By', exact: true }).selectOption({ label: 'Queue' })
  await page.getByRole('combobox', { name: 'Figure', exact: true }).selectOption({ label: 'Abandonment' })
  await page.getByRole('combobox', { name: 'Each', exact: true }).selectOption({ label: 'Week' })
  await page.getByLabel('From', { exact: true }).fill('2026-03-09')
  await page.getByLabel('To', { exact: true }).fill('2026-03-15')
  await page.getByLabel('Compare with the period before').check()
  await page.locator('[data-table=totals]').getByRole('button', { name: 'Cards' }).click()
  const asked = () => Object.fromEntries(new URL(page.url()).searchParams)
  const chosen = {
    by: 'queue',
    metric: 'abandonment',
    window: 'week',
    from: '2026-03-09',
    to: '2026-03-15',
    compare: 'before',
    key: 'cards',
  }
  await expect.poll(asked).toEqual(chosen)
  await page.reload()
  // The week before: 5 of 20 on each of its days as well.
  await until('the week before is compared', async () => (await cells(page, 'totals', 'cards')).length === 5)
  expect(await cells(page, 'totals', 'cards')).toEqual(['25%', '15', '60', '25%', '0 points'])
  await page.getByText('Course: Cards').click()
  expect(await page.locator('[data-table=course] tbody tr').allInnerTexts()).toEqual([
    expect.stringMatching(/^Week of 9 Mar 2026\s+25%\s+15\s+60\s+25%$/),
  ])
  await page.goBack()
  await page.goBack()
  await expect.poll(asked).not.toHaveProperty('key')
  expect((await page.evaluate<string[]>('Object.keys(localStorage)')).toSorted()).toEqual([
    'mantine-color-scheme-value',
    'parley.desk',
  ])
})

test('what a page asked for ends when its reader chooses something else, or leaves', async () => {
  const page = await at('p09', `/figures?by=queue&metric=service_level&${WEEK}`)
  await page.locator('[data-table=totals] [data-key=cards]').waitFor()
  const held = site.hold()
  const figure = page.getByRole('combobox', { name: 'Figure', exact: true })
  await figure.selectOption({ label: 'Holds' })
  await until('it is asked for', () => held.waitedFor > 0)
  await figure.selectOption({ label: 'Hold time' })
  await until('nobody waits for it any more', () => held.left > 0)
  await until('the other one is asked for', () => held.waitedFor > 0)
  await page.goto('about:blank')
  await until('nobody waits for anything', () => held.waitedFor === 0)
  held.release()
  expect(complaints).toEqual([])
})

test('a year of many agents is asked for as it is shown: what each is worth, how it went, and the course of those that count most', async () => {
  const from = site.addresses.length
  const page = await at('p09', '/figures?by=agent&metric=handled&from=2025-03-10&to=2026-03-09')
  await page.locator('[data-table=totals] [data-key=p02]').waitFor()
  await page.getByRole('img', { name: /^Handled: chart/ }).waitFor()
  const asked = site.addresses.slice(from).filter((url) => url.startsWith('/api/metrics?'))
  const parts = asked.map((url) => {
    const query = new URL(url, site.url).searchParams
    return query.get('together') ?? query.getAll('key').join()
  })
  expect([...new Set(parts)].toSorted()).toEqual(['keys', 'p02,p01', 'windows'])
})

test('a day alone stands in the middle of its chart, not at the edge of years', async () => {
  const page = await at('p09', '/figures?by=queue&metric=waits&key=general&from=2026-03-09&to=2026-03-09')
  await page.locator('.chart canvas').waitFor()
  // Where the line’s colour is, as a share of the width.
  const places = await page.locator('.chart canvas').evaluate<number[], any>((canvas, colour) => {
    const { width, height } = canvas
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
    const columns = new Set<number>()
    for (let at = 0; at < data.length; at += 4)
      if (colour.every((value: number, part: number) => data[at + part] === value))
        columns.add((at / 4) % width)
    return [...columns].map((column) => column / width)
  }, LINE_1)
  expect(places.length).toBeGreaterThan(0)
  expect(Math.min(...places)).toBeGreaterThan(0.4)
  expect(Math.max(...places)).toBeLessThan(0.6)
})

test('days are the company’s, whatever the clock of the machine says', async () => {
  const page = await at('p09', `/figures?by=queue&metric=waits&key=general&${WEEK}`)
  await page.getByText('Course: general').click()
  expect(await page.locator('[data-table=course] tbody th').allInnerTexts()).toEqual([
    '9 Mar 2026',
    '10 Mar 2026',
    '11 Mar 2026',
  ])
})

test('the steps of a flow are a funnel in the order of the flow, by their names', async () => {
  const page = await at('p09', `/figures?by=flow&metric=flow_step_reached&${WEEK}&compare=before`)
  const steps = page.locator('[data-flow=lost_card] tbody tr')
  await steps.first().waitFor()
  await until('the period before is there', async () => (await steps.first().locator('td').count()) === 3)
  expect((await steps.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
    'start 100% 30 of 30 100%',
    'Asks for the CPF 80% 24 of 30 · 20% fewer than in the line above 80%',
    'confirm 20% 6 of 30 · 75% fewer than in the line above 20%',
  ])
})

test('what is downloaded is on record, and no spreadsheet calculates with it', async () => {
  const page = await at('p09', `/figures?by=queue&metric=service_level&${WEEK}`)
  const take = async (name: RegExp) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name }).click(),
    ])
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
  }
  const csv = await take(/CSV/)
  expect(csv.name).toBe('figures.csv')
  expect(csv.text.split('\r\n')).toHaveLength(1 + 9 + 1)
  expect(csv.text).toContain("service_level,1,percent,queue,'=1+1,,2026-03-09T03:00:00.000Z,50,15,30\r\n")
  const lines = await take(/JSON Lines/)
  expect(lines.text.trim().split('\n')).toHaveLength(9)
  expect(site.audit.slice(-2)).toMatchObject([
    {
      type: 'exported',
      person: { id: 'p09' },
      subject: { kind: 'figure', id: 'service_level' },
      fields: { format: 'csv', by: 'queue' },
    },
    { type: 'exported', fields: { format: 'jsonl' } },
  ])
})

test('an agent finds their own figures, and nobody else’s', async () => {
  const page = await at('p01', `/figures?${WEEK}&by=queue`)
  await page.getByRole('heading', { level: 1, name: 'My figures' }).waitFor()
  await page.locator('[data-table=totals] [data-key=p01]').waitFor()
  expect(await page.getByText('Bruno').count()).toBe(0)
  expect(await page.getByRole('link', { name: /CSV/ }).count()).toBe(0)
  expect(await page.getByRole('combobox', { name: 'By', exact: true }).count()).toBe(0)
  expect(site.addresses.filter((url) => url.startsWith('/api/metrics?by=queue'))).toEqual([])
})

test(
  'empty, not allowed, refused and failed look different, and say what to do',
  { timeout: 120_000 },
  async () => {
    const page = await at('p09', '/figures?by=queue&metric=waits&from=2025-01-01&to=2025-01-02')
    await page.getByText('There is nothing to count in this period.').waitFor()
    const metric = page.getByRole('combobox', { name: 'Figure', exact: true })
    site.fail(new HttpRefusal(403, 'NOT_ALLOWED', 'no'))
    await metric.selectOption('handled')
    await page.locator('[data-state=not-allowed]').waitFor()
    site.fail(new HttpRefusal(400, 'FIGURE_TOO_LARGE', 'no'))
    await metric.selectOption('holds')
    await page.getByText('That is too much at a time').waitFor()
    site.fail(new HttpRefusal(503, 'ARCHIVE_UNAVAILABLE', 'no'))
    await metric.selectOption('closed')
    await page.locator('[data-state=failed]').waitFor()
    site.fail(undefined)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('There is nothing to count in this period.').waitFor()
    expect(await page.locator('[data-state]').count()).toBe(0)
  },
)

test('all of it goes by keys: to another page, to the choice of pages, and through the filters', async () => {
  const page = await at('p09', `/figures?by=queue&${WEEK}`)
  await page.locator('[data-table=totals]').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: /Go to judging/ }).waitFor()
  expect(await page.getByRole('dialog').getByRole('option').allInnerTexts()).toHaveLength(6)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('combobox', { name: 'Figure', exact: true }).focus()
  await page.keyboard.press('8')
  expect(new URL(page.url()).pathname).toBe('/figures')
  await page.getByRole('link', { name: /CSV/ }).focus()
  await page.keyboard.press('8')
  await page.waitForURL('**/search')
})

test.for(LOCALES)(
  'in %s, in all colours and at each width nothing is cut off, and the checker finds nothing',
  { timeout: 240_000 },
  async (locale) => {
    for (const [name, query, shown] of [
      ['queues', `by=queue&metric=service_level&${WEEK}`, '[data-table=totals] tbody td'],
      ['before', `by=agent&metric=handled&${WEEK}&compare=before`, '[data-table=totals] td:nth-of-type(4)'],
      ['funnel', `by=flow&metric=flow_step_reached&${WEEK}`, '[data-flow]'],
    ] as const) {
      const page = await at('p09', `/figures?${query}`, { locale, bypassCSP: true })
      await page.locator(shown).first().waitFor()
      expect(await faultsSeen(page, `figures-${name}`)).toEqual([])
      await page.context().close()
    }
  },
)

test('the chart is loaded by this page alone, and nothing on it is what its policy refuses', async () => {
  const loaded = async (path: string, there: string): Promise<readonly string[]> => {
    const from = site.addresses.length
    const page = await at('p09', path)
    await page.locator(there).first().waitFor()
    return site.addresses.slice(from).filter((url) => /assets\/figures-page.*\.js$/.test(url))
  }
  expect(await loaded('/search', 'form')).toEqual([])
  expect(await loaded(`/figures?by=queue&${WEEK}`, 'canvas')).toHaveLength(1)
  expect(complaints).toEqual([])
})

test('what the desk loads first has no definition of a figure', async () => {
  const built = join(import.meta.dirname, '../../services/console/dist')
  const firstLoad = async (page: string): Promise<string> => {
    const names = (await readFile(join(built, page), 'utf8')).matchAll(/\/(assets\/[\w.-]+\.js)"/g)
    return (await Promise.all([...names].map(([, name]) => readFile(join(built, name!), 'utf8')))).join('')
  }
  const [, definition] = en.waits
  expect((await firstLoad('wallboard.html')).includes(definition)).toBe(true)
  expect((await firstLoad('index.html')).includes(definition)).toBe(false)
})
