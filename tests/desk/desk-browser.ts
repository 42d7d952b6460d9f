import { launchBrowser } from '@parley/testkit/browser'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, vi } from 'vitest'
import { buildDesk } from '../../services/console/build.ts'
import type { Begun, DeskInMemory } from './memory/desk.ts'

export { ONLY_COLOURS, findings, picture } from './looks.ts'

const BUILT_WITHIN_MS = 240_000
export const TEMPLATES = [{ name: 'volte', language: 'pt_BR', text: 'Olá {{1}}, seu cartão {{2}} chegou.' }]

/** A browser, and the desk built, for all tests of a file. Above whatever serves the desk: it is read when that starts. */
export function useBrowser(): () => Browser {
  let browser: Browser
  beforeAll(async () => {
    await buildDesk()
    browser = await launchBrowser()
  }, BUILT_WITHIN_MS)
  afterAll(() => browser?.close())
  return () => browser
}

/** @returns what opens the desk of one person, and tells what its page complained of */
export function useDeskBrowser() {
  const browser = useBrowser()
  return (at: DeskInMemory, path?: string, options?: BrowserContextOptions, person?: string) =>
    openDesk(browser(), at, path, options, person)
}

async function openDesk(
  browser: Browser,
  at: DeskInMemory,
  path = '/desk',
  options: BrowserContextOptions = {},
  person = 'p01',
) {
  const context = await browser.newContext({
    locale: 'en-GB',
    // Whatever the machine's is.
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    ...options,
  })
  await context.addCookies([{ name: 'person', value: person, url: at.url }])
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refusal, and a line that was cut on purpose, are no faults of the page.
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(`${at.url}${path}`)
  await page.locator('[data-line=live]').waitFor()
  return {
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close()
    },
  }
}

export const reply = (page: Page) => page.getByRole('textbox', { name: 'Reply to the customer' })
export const thread = (page: Page) => page.getByRole('log')
/** Ana's. */
export const MINE = { agent: 'p01' } as const

export const sent = (service: DeskInMemory, part: string) =>
  service.asked.filter(({ path }) => path.endsWith(part))
/** Whatever comes late is waited for. */
export const until = (condition: () => void) => vi.waitFor(condition, { timeout: 30_000, interval: 50 })
export const hasFocus = (page: Page, selector: string) =>
  page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)
/** Whatever the last input changed is on the screen. */
export const drawn = (page: Page) =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')

/** The checker's script is none of the page's: its policy has to be passed by. */
export const CHECKED = { bypassCSP: true }

/** A conversation of Ana's with a customer's word in it. */
export function maria(service: DeskInMemory, over: Begun = {}): string {
  const { id } = service.begin({
    id: 'c-maria',
    ...MINE,
    contact: { id: 'k-maria', name: 'Maria Silva', language: 'pt' },
    says: 'Perdi meu cartão',
    ...over,
  })
  return id
}
