import { AxeBuilder } from '@axe-core/playwright'
import { ENTRY_TYPES, type RecordedEntry } from '@parley/audit'
import { createHttpServer, listen } from '@parley/service'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditRoutes } from './adapters/archive/audit-routes.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const LONG = 'GET /api/conversations/:conversationId/messages/:messageId/attachments/:attachmentId'

/** Seventy entries, of all types, by people with long and foreign names, over three days. */
const ENTRIES: readonly RecordedEntry[] = Array.from({ length: 70 }, (_, index) => ({
  id: `entry-${index}`,
  at: new Date(Date.parse('2026-03-03T09:00:00.000Z') - index * 3_600_000).toISOString(),
  person:
    index % 5 === 0
      ? null
      : {
          id: `0b9c1f0a-5d2e-4c55-9a52-${String(index).padStart(12, '0')}`,
          login: `joao.da.silva.pereira.${index}`,
          name: index % 2 === 0 ? 'João da Silva Pereira dos Santos' : 'মোহাম্মদ আবদুল করিম',
        },
  type: ENTRY_TYPES[index % ENTRY_TYPES.length]!,
  subject:
    index % 3 === 0 ? { kind: 'route', id: LONG } : { kind: 'conversation', id: `conversation-${index}` },
  fields: { code: 'NOT_ALLOWED', reason: 'x'.repeat(60) },
}))

/** The routes as the agent service has them, asked by an auditor. */
async function site() {
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    doorkeeper: {
      signedIn: async () => ({
        id: 'person-1',
        login: 'auditor',
        name: 'Auditor',
        roles: ['auditor'],
        team: null,
        vendor: null,
        permissions: ['audit.read'],
        sessionId: 'session-1',
      }),
      refused() {},
    },
  })
  auditRoutes(app, {
    company: { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo' },
    async entries({ type, cursor }) {
      const found = ENTRIES.filter((entry) => type === undefined || entry.type === type)
      const begin = Number(cursor ?? 0)
      return {
        entries: found.slice(begin, begin + 50),
        cursor: found.length > begin + 50 ? String(begin + 50) : null,
      }
    },
  })
  app.get('/icon.svg', { config: { access: 'public' } }, async (_request, reply) =>
    reply.type('image/svg+xml').send('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  )
  const server = await listen(app, '127.0.0.1', 0)
  return {
    url: `http://127.0.0.1:${server.port}/audit`,
    async [Symbol.asyncDispose]() {
      await server.drain?.()
      await server.close()
    },
  }
}

describe('the page of the audit', () => {
  test.each([
    { lang: 'pt', width: 360, colorScheme: 'light', query: '' },
    { lang: 'bn', width: 360, colorScheme: 'dark', query: '' },
    { lang: 'en', width: 1280, colorScheme: 'dark', query: '&type=signed_in' },
    { lang: 'en', width: 360, colorScheme: 'light', query: '&type=nothing' },
  ] as const)(
    'has no accessibility finding, no sideways scrolling and no error: $lang, $width px, $colorScheme $query',
    async ({ lang, width, colorScheme, query }) => {
      await using audit = await site()
      const context = await browser.newContext({
        viewport: { width, height: 740 },
        colorScheme,
        bypassCSP: true,
      })
      const page = await context.newPage()
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('requestfailed', (request) => errors.push(request.url()))
      await page.goto(`${audit.url}?lang=${lang}${query}`)
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      expect(errors).toEqual([])
      await context.close()
    },
  )

  test('needs no script: one filters, goes to older entries and back, and changes the language', async () => {
    await using audit = await site()
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    await page.goto(audit.url)
    expect(await page.locator('li.entry').count()).toBe(50)
    await page.getByRole('link', { name: 'Older entries' }).click()
    expect(await page.locator('li.entry').count()).toBe(20)
    expect(await page.getByText('There is nothing older.').count()).toBe(1)
    await page.getByRole('link', { name: 'বাংলা' }).click()
    expect(await page.getAttribute('html', 'lang')).toBe('bn-BD')
    expect(await page.locator('li.entry').count()).toBe(20)
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByRole('link', { name: 'Back to the newest' }).click()
    await page.getByLabel('What was done').selectOption('exported')
    await page.getByRole('button', { name: 'Show' }).click()
    expect(new Set(await page.locator('li.entry b').allTextContents())).toEqual(new Set(['Exported']))
    expect(await page.getByLabel('What was done').inputValue()).toBe('exported')
    expect(complaints).toEqual([])
    await context.close()
  })
})
