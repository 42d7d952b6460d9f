import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultDataDirectory } from '@parley/stack/control'
import { launchBrowser } from '@parley/testkit/browser'
import type { Page } from 'playwright-core'
import { AgentDesk } from './desk.ts'
import { Phone } from './phone.ts'

// Takes the README's pictures from the stack that runs: `npm start` in one terminal, `npm run demo -- --day` for the figures, then `node tests/e2e/screenshots.ts [DAY]`, with the day
// that it says (default: yesterday).
const { urls, people } = JSON.parse(await readFile(join(defaultDataDirectory(), 'stack.json'), 'utf8')) as {
  urls: { phone: string; console: string }
  people: { login: string; password: string; roles: string[]; team: string | null }[]
}
const directory = 'docs/images'
await mkdir(directory, { recursive: true })
const browser = await launchBrowser()
const waId = String(5_511_980_000_000 + (Math.floor(Date.now() / 1000) % 10_000_000))
const phone = await Phone.open(browser, urls.phone, waId)
const link = await phone.reportLostCard()
await phone.page.mouse.move(0, 0)
await phone.page.getByTestId('composer').focus()
await phone.page.screenshot({ path: `${directory}/phone.png` })
await phone.page.goto(link)
// The record itself, below its head.
await phone.page
  .getByText('••••••')
  .first()
  .evaluate((line) => line.scrollIntoView({ block: 'center' }))
await phone.page.screenshot({ path: `${directory}/transcript.png` })
// Some who talk to the robot and some who wait, so that the console has something to show.
const others: Phone[] = []
for (const [index, name] of ['Marcos Azevedo', 'Camila Freitas', 'Davi Rocha', 'Renata Moraes'].entries())
  others.push(await Phone.open(browser, urls.phone, String(Number(waId) + 1 + index), name))
for (const other of others) await other.say('oi')
for (const other of others.slice(0, 2)) {
  await other.heard(3)
  await other.say('atendente')
  await other.heard(4)
}
const wide = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
const { login = '', password = '' } =
  people.find(({ roles, team }) => roles.includes('supervisor') && team === null) ?? {}
async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.locator('[name=login]').fill(login)
  await page.locator('[name=password]').fill(password)
  await page.locator('[name=password]').press('Enter')
}
await signIn(wide, urls.console)
await wide.getByText(/^live/i).first().waitFor()
await wide.getByRole('row').nth(2).waitFor()
await wide.screenshot({ path: `${directory}/console.png` })
// The day that was filled: its waits by the hour, and how far customers get in the flow.
const day = process.argv[2] ?? new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
for (const [name, query, shown] of [
  ['figures', 'by=queue&metric=waits&window=hour', 'canvas'],
  ['funnel', 'by=flow&metric=flow_step_reached', '[data-flow]'],
] as const) {
  await wide.goto(`${urls.console}/figures?${query}&from=${day}&to=${day}`)
  await wide.locator(shown).first().waitFor()
  await wide.screenshot({ path: `${directory}/${name}.png` })
}
// The desk of an agent who has taken them: an offer would stand before the card of the customer.
const agent = people.find(({ roles }) => roles.includes('agent'))
if (agent === undefined) throw new Error('Nobody is an agent.')
const desk = await AgentDesk.open(browser, urls.console, 'en-GB', agent)
await desk.accept()
await desk.accept()
await desk.write('r', 'Bom dia! Já vejo o seu pedido.')
await desk.write('n', 'Ligou ontem; confirmar o endereço antes.')
await desk.noted('Ligou ontem; confirmar o endereço antes.').waitFor()
await desk.pictures(directory)
// The wall: two are served by now, in time, so that the day has figures.
const wall = await browser.newPage({
  viewport: { width: 1920, height: 1080 },
  locale: 'en-US',
  colorScheme: 'dark',
})
await signIn(wall, `${urls.console}/wallboard`)
await wall.getByText('100%').first().waitFor()
await wall.screenshot({ path: `${directory}/wallboard.png` })
await browser.close()
