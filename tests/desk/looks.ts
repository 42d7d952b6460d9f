// A page as a person has it before them: who is signed in, how wide, in which colours and language, and what the checker says.
import { AxeBuilder } from '@axe-core/playwright'
import { until } from '@parley/testkit'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { passwordFor } from '../../services/agent/src/adapters/testing/running-agent.ts'

export const LOCALES = ['pt-BR', 'en-GB', 'bn-BD'] as const
const SIZES = [
  [360, 640],
  [768, 1024],
  [1280, 800],
  [1920, 1080],
  [3840, 2160],
] as const
const WAIT_MS = 20_000
/** Of the checker's rules those that colours change. */
export const ONLY_COLOURS = 'color-contrast'

/** Until the test ends: pages that stay go on being live, and slow down all that come after. */
export async function freshPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    // Whatever the machine's is.
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    ...options,
  })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT_MS)
  return page
}

/** At the address, by the form of the provider that leads there. */
export async function signedInPage(
  browser: Browser,
  login: string,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await freshPage(browser, options)
  await page.goto(address)
  await page.locator('[name=login]').fill(login)
  await page.locator('[name=password]').fill(passwordFor(login))
  await page.locator('[name=password]').press('Enter')
  return page
}

/** With `SCREENSHOTS=folder`, to be looked at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

/**
 * What the checker finds; its script needs a page without a policy (`bypassCSP`).
 * @param within only there: what stands around it was looked at before
 */
export async function findings(page: Page, rules?: string, within?: string): Promise<readonly unknown[]> {
  // Our pages have no frames of others, for which the checker would open a page of its own and take twice as long.
  // What passes is not described: to find a selector for each of its elements takes as long as the rules.
  const checker = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode(true)
  if (within !== undefined) checker.include(within)
  const { violations } = await (rules === undefined ? checker : checker.withRules(rules)).analyze()
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}

/**
 * Tries the page at each width, and in light, dark and forced colours.
 * @returns what the checker finds, and in Bengali the numbers that are written in the digits of another script
 * @throws where something is cut off at a width
 */
export async function faultsSeen(page: Page, name: string): Promise<readonly unknown[]> {
  const language = await page.evaluate<string>('document.documentElement.lang')
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height })
    await until(`${name} at ${width} fits`, () =>
      page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
    )
    await picture(page, `${name}-${language}-${width}`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  const found: unknown[] = []
  for (const [colours, rules] of [
    [{ colorScheme: 'light' }],
    [{ colorScheme: 'dark' }, ONLY_COLOURS],
    [{ colorScheme: 'light', forcedColors: 'active' }, ONLY_COLOURS],
  ] as const) {
    await page.emulateMedia(colours)
    await picture(page, `${name}-${language}-${Object.values(colours).join('-')}`)
    found.push(...(await findings(page, rules)).map((finding) => [colours, finding]))
  }
  await page.emulateMedia({ forcedColors: 'none' })
  return language.startsWith('bn') ? [...found, ...(await latinDigits(page))] : found
}

/** Texts with digits of the Latin script, without what people wrote or are called, codes and keys. */
const latinDigits = (page: Page) =>
  page.evaluate<string[]>(`(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found = []
    while (texts.nextNode()) {
      const { nodeValue, parentElement } = texts.currentNode
      if (/[0-9]/.test(nodeValue) && !parentElement.closest('bdi, code, kbd, script, style, [dir=auto]'))
        found.push(nodeValue)
    }
    return found
  })()`)
