import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { factsOf, isSent, issuesLink } from '../../services/routing/test/story.ts'
import { useBrowser } from './desk-browser.ts'
import { faultsSeen, signedInPage } from './looks.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

/** Every conversation is drawn: those of one queue for one judge, those of the other for two. */
const SAMPLES = `samples:
  - { name: weekly, form: service, percent: 100, queue: general }
  - { name: pairs, form: service, percent: 100, queue: cards, judges: 2 }
`

const browser = useBrowser()
let config: string
let world: Awaited<ReturnType<typeof deskWorld>>
beforeAll(async () => {
  config = await mkdtemp(join(tmpdir(), 'parley-judging-'))
  await cp(new URL('../../config', import.meta.url), config, { recursive: true })
  const file = join(config, 'scorecards.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^samples:\n[\s\S]*/m, SAMPLES))
  world = await deskWorld({ PARLEY_CONFIG_DIR: config })
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  await rm(config, { recursive: true, force: true })
})

async function at(login: string, path: string): Promise<Page> {
  const page = await signedInPage(browser(), login, `${world.agent.url}${path}`, { bypassCSP: true })
  await page.locator('#page').waitFor()
  return page
}

/** One that is Ana's, who answered and closed it. */
async function closedByAna(queue: 'general' | 'cards'): Promise<string> {
  await world.wishPool('SetPresence', { agentId: 'p01', status: 'available' })
  // What comes to the cards is given, not offered.
  const customer = queue === 'cards' ? await world.waits(queue) : await world.taken('p01', queue)
  await world.untilTold(customer.contact, 'ConversationAssigned')
  await world.answers('p01', customer, 'Bom dia, já bloqueei o cartão.')
  const ana = await Person.signedIn(world, 'ana')
  await ana.thread(customer.conversationId)
  const path = `/api/conversations/${customer.conversationId}`
  expect(await ana.post(`${path}/close`, { reason: 'solved' })).toMatchObject({ status: 200 })
  // What the archive and the gateway do, of which none runs here.
  await world.wish(customer.contact, issuesLink(customer.conversationId))
  await world.untilTold(customer.contact, 'TranscriptLinkIssued')
  for (const { messageId } of factsOf(await world.told(customer.contact), 'MessageSendRequested'))
    await world.wish(customer.contact, isSent(messageId))
  await world.untilTold(customer.contact, 'ConversationClosed')
  return customer.conversationId
}

test(
  'a scorecard from sample to appeal: drawn, judged with evidence, read by the judged, appealed, decided',
  { timeout: 240_000 },
  async () => {
    const id = await closedByAna('general')

    const sonia = await at('sonia', '/judging')
    await sonia.locator(`[data-rule=weekly] [data-id="${id}"]`).waitFor()
    expect(await faultsSeen(sonia, 'judging-samples')).toEqual([])
    await sonia.locator(`[data-rule=weekly] [data-id="${id}"]`).getByRole('link', { name: 'Judge' }).click()
    const item = (name: string) => sonia.locator(`fieldset[data-item=${name}]`)
    await item('greeting').getByLabel('Yes').check()
    await item('understood').getByLabel('2 of 2').check()
    await item('solved').getByLabel('1 of 2').check()
    await item('tone').getByLabel('2 of 2').check()
    expect(await item('data_care').innerText()).toContain('critical: at 0 the whole score is 0')
    // What is not answered is not sent.
    await sonia.getByRole('button', { name: 'Judge', exact: true }).click()
    expect(await item('data_care').locator('input:invalid').count()).toBeGreaterThan(0)
    await item('data_care').getByLabel('Yes').check()
    await item('solved').getByLabel('Note').fill('Podia ter dito o prazo')
    await item('solved').getByRole('button', { name: 'Link messages' }).click()
    const answer = sonia.locator('.said li').filter({ hasText: 'já bloqueei' })
    await answer.getByRole('button', { name: /Evidence/ }).click()
    expect(await faultsSeen(sonia, 'judging-form')).toEqual([])
    await sonia.getByRole('button', { name: 'Judge', exact: true }).click()
    await sonia.locator('.evaluation .score').getByText('83.3 of 100').waitFor()
    expect(await faultsSeen(sonia, 'judging-result')).toEqual([])
    // The form was edited since under the same version: nobody reads what the judge did not answer to. And whoever writes an address may write anything.
    await sonia.route('**/api/conversations/*/evaluations', async (route) => {
      const answer = await route.fetch()
      const { evaluations } = (await answer.json()) as { evaluations: object[] }
      const changed = evaluations.map((one) => ({ ...one, isFormChanged: true }))
      await route.fulfill({ response: answer, json: { evaluations: changed } })
    })
    await sonia.goto(`${world.agent.url}/judging/${id}#%`)
    await sonia.locator('.evaluation').getByRole('note').waitFor()
    const solved = sonia.locator('.evaluation li[data-item=solved]')
    expect(await solved.innerText()).toMatch(/^1\s+solved\s/)
    expect(await faultsSeen(sonia, 'judging-form-changed')).toEqual([])
    await sonia.unroute('**/api/conversations/*/evaluations')

    const ana = await at('ana', '/judging')
    await ana.getByRole('heading', { level: 1, name: 'My evaluations' }).waitFor()
    const card = ana.locator('.evaluation')
    expect(await card.innerText()).toMatch(/83\.3 of 100[\s\S]*by Sônia Castro[\s\S]*Podia ter dito o prazo/)
    await card.getByLabel('Your words').fill('Disse o prazo na mensagem seguinte')
    await card.getByRole('button', { name: 'Appeal' }).click()
    await card.locator('[data-as=appeal]').waitFor()
    expect(await card.getByRole('button', { name: 'Appeal' }).count()).toBe(0)
    expect(await faultsSeen(ana, 'judging-appealed')).toEqual([])
    await ana.getByRole('link', { name: 'Evidence 1' }).click()
    await ana.locator('.said li:focus').getByText('já bloqueei').waitFor()
    expect(await ana.getByRole('button', { name: 'Judge', exact: true }).count()).toBe(0)

    // Not by whom it is against.
    await sonia.goto(`${world.agent.url}/judging?view=appealed`)
    await sonia.getByText('No appeal waits for you.').waitFor()
    const vera = await at('vera', '/judging?view=appealed')
    const appeal = vera.locator('.evaluation')
    expect(await appeal.innerText()).toContain('Disse o prazo na mensagem seguinte')
    await appeal.getByLabel('Your words').fill('Ana tem razão')
    await appeal.getByRole('button', { name: 'Withdraw' }).click()
    await vera.getByText('No appeal waits for you.').waitFor()

    await ana.goto(`${world.agent.url}/judging`)
    await ana.locator('[data-status=withdrawn]').getByText('Withdrawn: counts no more').waitFor()
    expect(await ana.locator('.evaluation').innerText()).toMatch(/Vera \S+ withdraws it[\s\S]*Ana tem razão/)
  },
)

test(
  'a calibration is blind until both have judged, and then says how far they agree',
  { timeout: 240_000 },
  async () => {
    const id = await closedByAna('cards')
    const evaluation = (values: Record<string, number>) => ({
      form: 'service',
      version: 1,
      answers: Object.entries(values).map(([item, value]) => ({ item, value })),
    })
    const sonia = await Person.signedIn(world, 'sonia')
    const path = `/api/conversations/${id}/evaluations`
    const best = { greeting: 1, understood: 2, solved: 2, tone: 2, data_care: 1 }
    expect(await sonia.post(path, evaluation(best))).toMatchObject({ status: 200 })

    const page = await at('vera', `/judging/${id}?form=service`)
    await page.locator('fieldset[data-item=greeting]').waitFor()
    expect(await page.locator('.evaluation').count()).toBe(0)
    for (const [item, label] of [
      ['greeting', 'Yes'],
      ['understood', '2 of 2'],
      ['solved', '0 of 2'],
      ['tone', '2 of 2'],
      ['data_care', 'Yes'],
    ] as const)
      await page.locator(`fieldset[data-item=${item}]`).getByLabel(label).check()
    await page.getByRole('button', { name: 'Judge', exact: true }).click()
    await until('both are shown', async () => (await page.locator('.evaluation').count()) === 2)
    await page.goto(`${world.agent.url}/judging?view=calibration`)
    const whole = page.locator('[data-form=service] tfoot td')
    await whole.first().waitFor()
    // Four of five alike, and of one conversation chance explains as much: each judge has always said of an item what they said of it once.
    expect(await whole.allInnerTexts()).toEqual(['0.00', '80%', '5'])
  },
)
