import { inflateSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { MessageBody } from '@parley/proto/content'
import { listen } from '@parley/service'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageAssets } from './adapters/page-assets.ts'
import { transcriptSite } from './adapters/transcript-site.ts'
import { bankStory } from './page/bank-story.fixture.ts'
import { foldTranscript } from './transcript/fold-transcript.ts'
import { Story } from './transcript/story.fixture.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function siteOf(story: Story, companyName = 'Banco Aurora') {
  const site = await listen(
    transcriptSite({
      links: {
        open: async () => ({
          _id: 'link',
          conversationId: story.conversationId,
          contactId: story.contactId,
          issuedAt: new Date(0),
          expiresAt: new Date(8.64e15),
          revokedAt: null,
        }),
        openAmong: async () => new Set(),
      },
      viewsPerMinute: 1_000,
      whole: async (conversationId) => foldTranscript(conversationId, story.raw()),
      transcript: async (conversationId) => foldTranscript(conversationId, story.raw()),
      message: async (conversationId) => foldTranscript(conversationId, story.raw()),
      recordView: () => {},
      company: { name: companyName, timeZone: 'America/Sao_Paulo', agentName: () => undefined },
      assets: pageAssets(),
      showRevoked: false,
      readFile: async () => new Uint8Array(),
      http: { hosts: ['127.0.0.1'], trustedProxies: [], connectionsMax: 100, connectionsPerAddressMax: 100 },
    }),
    '127.0.0.1',
    0,
  )
  return {
    url: `http://127.0.0.1:${site.port}/t/token`,
    async [Symbol.asyncDispose]() {
      await site.drain?.()
      await site.close()
    },
  }
}

const HOSTILE =
  '</title></p><script>globalThis.pwned=1</script><img src="https://evil.test/x" onerror="globalThis.pwned=1"><svg onload=globalThis.pwned=1>"\'`><a href="javascript:globalThis.pwned=1">x</a><style>@import url(https://evil.test/y)</style>\u202E'

const HOSTILE_BODIES: readonly Parameters<typeof MessageBody.fromPartial>[0]['body'][] = [
  { $case: 'text', value: { text: HOSTILE } },
  { $case: 'media', value: { type: HOSTILE, caption: HOSTILE, filename: HOSTILE, mimeType: HOSTILE } },
  { $case: 'location', value: { name: HOSTILE, address: HOSTILE, url: 'javascript:globalThis.pwned=1' } },
  { $case: 'contactCards', value: { cards: [{ name: HOSTILE, organization: HOSTILE, phones: [HOSTILE] }] } },
  {
    $case: 'list',
    value: {
      text: HOSTILE,
      sections: [{ title: HOSTILE, rows: [{ title: HOSTILE, description: HOSTILE }] }],
    },
  },
  {
    $case: 'linkButton',
    value: { text: HOSTILE, displayText: HOSTILE, url: 'javascript:globalThis.pwned=1' },
  },
  { $case: 'choice', value: { title: HOSTILE, description: HOSTILE } },
  { $case: 'formReply', value: { name: HOSTILE, responseJson: JSON.stringify({ [HOSTILE]: HOSTILE }) } },
  { $case: 'unsupported', value: { providerType: HOSTILE, errorTitle: HOSTILE } },
]

describe('a hostile conversation', () => {
  test.each(['', '/print'])(
    'runs no script, sends no request, follows no link, and says to the letter what was said (%s)',
    async (view) => {
      const story = new Story({ conversationId: HOSTILE }).opened(HOSTILE)
      for (const body of HOSTILE_BODIES) {
        const full = MessageBody.fromPartial({ body }).body
        if (full === undefined) continue
        story.received(full).sendRequested(full)
      }
      story.edited('in-1', HOSTILE).reacted('in-2', HOSTILE).closed(HOSTILE)
      await using site = await siteOf(story, HOSTILE)

      const context = await browser.newContext()
      const page = await context.newPage()
      const requests: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      await page.goto(`${site.url}${view}`, { waitUntil: 'load' })
      for (const button of await page.locator('main li.message .button-look').all()) await button.click()
      for (const link of await page.locator('main li.message a').all()) {
        expect(await link.getAttribute('href')).toMatch(/^https?:\/\//)
        expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
      }
      expect(await page.evaluate('globalThis.pwned')).toBeUndefined()
      const origin = new URL(site.url).origin
      expect(requests.filter((url) => !url.startsWith(origin) && url !== 'data:,')).toEqual([])
      expect(await page.locator('.bubble .said').first().textContent()).toBe(HOSTILE)
      expect(await page.locator('main a[href^="javascript"]').count()).toBe(0)
      await context.close()
    },
  )
})

describe('the page in a browser', () => {
  const looks = [
    { language: 'pt', width: 360, colorScheme: 'light', view: '' },
    { language: 'bn', width: 360, colorScheme: 'dark', view: '' },
    { language: 'en', width: 1280, colorScheme: 'dark', view: '' },
    { language: 'bn', width: 1280, colorScheme: 'dark', view: '/print' },
  ] as const

  test.each(looks)(
    'has no accessibility finding, no sideways scrolling and no error: $language, $width px, $colorScheme $view',
    async ({ language, width, colorScheme, view }) => {
      await using site = await siteOf(bankStory(language))
      const context = await browser.newContext({ viewport: { width, height: 740 }, colorScheme })
      const page = await context.newPage()
      const errors: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      page.on('pageerror', (error) => errors.push(error.message))
      await page.goto(site.url + view)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      expect(errors).toEqual([])
      await context.close()
    },
  )

  test('works without JavaScript, and the languages are one click apart', async () => {
    await using site = await siteOf(bankStory('pt'))
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(site.url)
    expect(await page.locator('li.message').count()).toBe(15)
    await page.getByRole('link', { name: 'বাংলা' }).click()
    expect(await page.getAttribute('html', 'lang')).toBe('bn-BD')
    await page.getByRole('link', { name: 'English' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Conversation record')
    await context.close()
  })

  test('on paper the record ends with what was said, nothing is left for a page of its own, and the foot of each page names the conversation', async () => {
    await using site = await siteOf(bankStory('bn'))
    const page = await browser.newPage()
    await page.goto(site.url)
    await page.emulateMedia({ media: 'print' })
    const topOf = async (selector: string) => (await page.locator(selector).boundingBox())!.y
    expect(await topOf('.page-footer')).toBeLessThan(await topOf('.conversation'))
    const display = `getComputedStyle(document.querySelector('.paper-line')).display`
    // What browsers repeat on every page.
    expect(await page.evaluate(display)).toBe('table-footer-group')
    expect(await page.locator('.paper-line').innerText()).toContain(bankStory('bn').conversationId)
    await page.close()
  })

  test.each(['', '/print'])('each sheet of %j bears its own number and how many there are', async (view) => {
    const story = bankStory('pt')
    for (let line = 0; line < 60; line += 1) story.wrote(`linha ${line}`)
    await using site = await siteOf(story)
    const page = await browser.newPage()
    // The print view prints by itself, and a page is printed once at a time.
    await page.addInitScript('globalThis.print = () => {}')
    await page.goto(site.url + view)
    const sheets = sheetsOf(await page.pdf({ preferCSSPageSize: true }))
    expect(sheets.length).toBeGreaterThan(1)
    for (const [at, words] of sheets.entries()) expect(words).toContain(`${at + 1} / ${sheets.length}`)
    await page.close()
  })

  test('the print view opens the print window; the page does not', async () => {
    await using site = await siteOf(bankStory('en'))
    const context = await browser.newContext()
    await context.addInitScript(
      'globalThis.printed = 0; globalThis.print = () => { globalThis.printed += 1 }',
    )
    const page = await context.newPage()
    await page.goto(site.url)
    expect(await page.evaluate('globalThis.printed')).toBe(0)
    await page.getByRole('link', { name: 'Print' }).click()
    await page.waitForFunction('globalThis.printed === 1')
    await context.close()
  })
})

/** The words on each sheet of a PDF as Chromium writes it: runs of glyphs, and by font a table of what each stands for. */
function sheetsOf(pdf: Buffer): readonly string[] {
  const objects = new Map(
    Array.from(pdf.toString('latin1').matchAll(/(\d+) 0 obj\n([^]*?)\nendobj/g), ([, id, body]) => [
      id!,
      body!,
    ]),
  )
  const streamOf = (id: string) => {
    const [, bytes = ''] = /stream\r?\n([^]*?)\r?\nendstream/.exec(objects.get(id) ?? '') ?? []
    return bytes === '' ? '' : inflateSync(Buffer.from(bytes, 'latin1')).toString('latin1')
  }
  const lettersOf = (font: string) => {
    const letters = new Map<number, string>()
    const table = streamOf(/\/ToUnicode (\d+) 0 R/.exec(objects.get(font) ?? '')?.[1] ?? '')
    for (const [, from, to, is] of table.matchAll(/<(\w{4})>(?: <(\w{4})>)? <(\w+)>/g)) {
      const [first, last, letter] = [from!, to ?? from!, is!].map((hex) =>
        Number.parseInt(hex.slice(0, 4), 16),
      )
      for (let glyph = first!; glyph <= last!; glyph += 1)
        letters.set(glyph, String.fromCharCode(letter! + glyph - first!))
    }
    return letters
  }
  return [...objects.values()]
    .filter((body) => /\/Type \/Page\b/.test(body))
    .map((body) => {
      const fonts = new Map(
        Array.from(body.matchAll(/\/(F\d+) (\d+) 0 R/g), ([, name, id]) => [name!, lettersOf(id!)]),
      )
      let letters = new Map<number, string>()
      let words = ''
      const content = streamOf(/\/Contents (\d+) 0 R/.exec(body)?.[1] ?? '')
      for (const [, font, run] of content.matchAll(/\/(F\d+) [\d.]+ Tf|<(\w+)>/g)) {
        if (font !== undefined) letters = fonts.get(font) ?? letters
        else for (const [hex] of run!.matchAll(/\w{4}/g)) words += letters.get(Number.parseInt(hex, 16)) ?? ''
      }
      return words
    })
}
