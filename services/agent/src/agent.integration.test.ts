import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import { ensureTopics, eventRecord, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { AgentServiceClient } from '@parley/proto/agent'
import { MessageBody } from '@parley/proto/content'
import { PeopleServiceClient } from '@parley/proto/people'
import { grpcCall, grpcClient, status } from '@parley/service'
import { Chain, type Sketch, callerCredentials, until } from '@parley/testkit'
import { AxeBuilder } from '@axe-core/playwright'
import { launchBrowser } from '@parley/testkit/browser'
import type { BrowserContextOptions, Browser as Chrome, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { Browser } from './adapters/testing/browser.ts'
import { passwordFor, startAgent, startIdentity } from './adapters/testing/running-agent.ts'

const namespace = `agent-${randomUUID().slice(0, 8)}`
const kafka = { brokers: inject('kafkaBrokers') }
const topics = topicsOf(namespace, conversations)
type Event = Sketch<ConversationEvent>
const content = contentOf({
  messages: [MessageBody.fromPartial({ body: { $case: 'text', value: { text: 'my card was stolen' } } })],
  profile: { name: 'Sheena Nelson', waId: '5511987654321', userId: '', parentUserId: '', username: '' },
})
const opened = (conversationId: string): Event => ({ type: 'ConversationOpened', data: { conversationId } })
const received: Event = { type: 'MessageReceived' }
const handedOver = (queue: string): Event => ({
  type: 'HandoverRequested',
  data: { queue, reason: 'requested' },
})
const ending: Event = { type: 'ConversationEnding', data: { reason: 'flow_ended' } }
const closed: Event = { type: 'ConversationClosed', data: { reason: 'flow_ended' } }

let chrome: Chrome
let log: Awaited<ReturnType<typeof kafkaLog>>
const service = await started()
const client = grpcClient(AgentServiceClient, service.grpcAddress, await callerCredentials('tool'))

async function started() {
  await ensureTopics(kafka, namespace, FAMILIES, 2)
  log = await kafkaLog(kafka, 'agent-test')
  const identity = await startIdentity()
  const agent = await startAgent(
    { namespace, brokers: kafka.brokers, mongoUri: inject('mongoUri') },
    identity.env,
  )
  return { ...agent, identity: identity.provider }
}

/** The supervisor of all, signed in by the form, as everybody signs in. */
async function signedIn(options: BrowserContextOptions, login = 'vera'): Promise<Page> {
  const context = await chrome.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  await page.goto(service.url)
  await page.locator('[name=login]').fill(login)
  await page.locator('[name=password]').fill(passwordFor(login))
  await page.locator('[name=password]').press('Enter')
  await page.waitForURL(`${service.url}/`)
  return page
}

/** Appends the conversation's events to the log, each continuing the one before, as routing does. */
async function happened(conversationId: string, at: Date, ...events: readonly Event[]): Promise<void> {
  const chain = new Chain(conversations, `contact of ${conversationId}`, { at: at.toISOString() })
  const recorded = chain.addAll(events, { correlationId: conversationId, content })
  await log.append(topics.events, recorded.map(eventRecord))
}

const listWaiting = async (pageSize = 0) =>
  (await grpcCall(client, 'listWaitingConversations', { pageSize }, { timeoutMs: 30_000 })).conversations

beforeAll(async () => {
  chrome = await launchBrowser()
  const now = Date.now()
  await happened('wait-new', new Date(now - 60_000), opened('wait-new'), received, handedOver('general'))
  await happened('wait-old', new Date(now - 3_900_000), opened('wait-old'), received, handedOver('loans'))
  await happened('with-robot', new Date(now), opened('with-robot'), received)
  await happened('is-ending', new Date(now), opened('is-ending'), received, ending)
  await happened('was-closed', new Date(now), opened('was-closed'), received, ending, closed)
  await until('both wait', async () => (await listWaiting()).length === 2)
})
afterAll(async () => {
  await chrome.close()
  client.close()
  await service.stop()
  await service.identity.close()
  await log.close()
})

test('ListWaitingConversations gives who waits, the longest waiting first', async () => {
  expect(await listWaiting()).toMatchObject([
    { conversationId: 'wait-old', queue: 'loans', reason: 'requested' },
    { conversationId: 'wait-new', queue: 'general', reason: 'requested' },
  ])
  expect(await listWaiting(1)).toHaveLength(1)
  await expect(listWaiting(201)).rejects.toMatchObject({
    status: status.INVALID_ARGUMENT,
    code: 'PAGE_SIZE_INVALID',
  })
})

test('nothing that was said, no name and no phone number is in the log lines', () => {
  expect(service.lines.join('')).not.toMatch(/stolen|Sheena|5511987654321/)
})

const read = async (browser: Browser, path: string) => {
  const answer = await browser.ask(`${service.url}${path}`)
  return { status: answer.status, body: (await answer.json()) as Record<string, any> }
}

test('lists and conversations are read within the scope of the person, and outside it nothing is told', async () => {
  const [all, agent] = [new Browser(), new Browser()]
  await all.signIn(service.url, 'vera', passwordFor('vera'))
  await agent.signIn(service.url, 'carla', passwordFor('carla'))
  const ids = async (browser: Browser, view: string) =>
    (await read(browser, `/api/conversations?view=${view}`)).body['conversations'].map(
      ({ id }: { id: string }) => id,
    )
  await until(
    'the last one is read',
    async () => (await read(all, '/api/conversations/was-closed')).status === 200,
  )
  expect((await ids(all, 'waiting')).slice(0, 2)).toEqual(['wait-old', 'wait-new'])
  expect(await ids(all, 'closed')).toEqual(['was-closed'])
  expect(await ids(agent, 'all')).not.toContain('with-robot')
  const thread = await read(all, '/api/conversations/wait-old')
  expect(thread).toMatchObject({
    status: 200,
    body: {
      conversation: {
        id: 'wait-old',
        stage: 'waiting',
        queue: 'loans',
        owner: { kind: 'queue' },
        unreadCount: 1,
      },
      before: null,
    },
  })
  const unknown = await read(agent, '/api/conversations/no-such-thing')
  expect(unknown.status).toBe(404)
  expect(await read(agent, '/api/conversations/with-robot')).toEqual(unknown)
  expect(await read(all, '/api/conversations?view=all&cursor=x')).toMatchObject({
    status: 400,
    body: { code: 'QUERY_INVALID' },
  })
})

test('a stream begins with ready, and a position of an answer resumes with exactly what came behind it', async () => {
  const browser = new Browser()
  await browser.signIn(service.url, 'vera', passwordFor('vera'))
  const position = (await read(browser, '/api/conversations?view=waiting')).body['position'] as string
  await happened('came-later', new Date(), opened('came-later'), received, ending)
  const told = await streamedTo(browser, position, '"version":3', '/api/stream')
  expect(told.startsWith('id: ')).toBe(true)
  expect(told).toContain('event: ready')
  const rows = [...told.matchAll(/event: conversation\ndata: (.*)/g)].map(([, data = '']) => JSON.parse(data))
  expect(rows.map(({ id, version }) => [id, version])).toEqual([
    ['came-later', 1],
    ['came-later', 2],
    ['came-later', 3],
  ])
})

test('the stream sends the state with its id, and after a reconnect with that id only what is new', async () => {
  const browser = new Browser()
  await browser.signIn(service.url, 'vera', passwordFor('vera'))
  const streamed = (lastEventId: string | undefined, end: string) => streamedTo(browser, lastEventId, end)
  // What was said before is news until the read model holds it.
  const { body } = await read(browser, '/api/conversations?view=all')
  const endingCount = body['conversations'].filter(
    ({ stage }: { stage: string }) => stage === 'ending',
  ).length
  const first = await streamed(undefined, `"endingCount":${endingCount},"closedTodayCount":1`)
  const id = [...first.matchAll(/^id: (\w+)$/gm)].at(-1)?.[1] ?? ''
  expect(id).not.toBe('')
  expect(first).toContain('"waitingCount":2')
  expect(await streamed(id, 'event: beat')).not.toContain('event: state')
})

/** What /live says until a text was seen. */
async function streamedTo(
  browser: Browser,
  lastEventId: string | undefined,
  end: string,
  path = '/live',
): Promise<string> {
  const abort = new AbortController()
  const answer = await browser.ask(`${service.url}${path}`, {
    signal: abort.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.includes(end) && text.endsWith('\n\n')) break
  }
  abort.abort()
  return text
}

const textOf = (page: Page, id: string) => page.locator(`#${id}`).textContent()

test('the console shows the numbers and who waits, live, without breaking its content policy', async () => {
  const page = await signedIn({ locale: 'pt-BR' })
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.reload()
  await page.locator('#rows tr').nth(1).waitFor()
  expect(await textOf(page, 'withRobotCount')).toBe('1')
  expect(await textOf(page, 'waitingCount')).toBe('2')
  expect(await textOf(page, 'endingCount')).toBe('2')
  expect(await textOf(page, 'closedTodayCount')).toBe('1')
  expect(await page.locator('#rows tr').first().innerText()).toMatch(
    /wait-old\s+loans\s+O cliente pediu um atendente\s+1 h \d+ min/,
  )
  await happened('wait-later', new Date(), opened('wait-later'), received, handedOver('general'))
  await page.locator('#rows tr').nth(2).waitFor()
  expect(await textOf(page, 'waitingCount')).toBe('3')
  expect(complaints).toEqual([])
  await page.close()
})

test.for([
  ['pt-BR', 'light', 'Quem está aguardando'],
  ['en-GB', 'dark', 'Who is waiting'],
  ['bn-BD', 'light', 'যারা অপেক্ষা করছেন'],
  ['fr-FR', 'dark', 'Who is waiting'],
] as const)(
  'a browser in %s (%s) finds its language, fits 360 px and has no accessibility findings',
  async ([locale, colorScheme, words]) => {
    // bypassCSP lets the checker run its script; that the page keeps its policy is the test above.
    const page = await signedIn({
      locale,
      colorScheme,
      viewport: { width: 360, height: 740 },
      bypassCSP: true,
    })
    await page.locator('#rows tr').first().waitFor()
    expect(await textOf(page, 'waiting')).toContain(words)
    expect(await page.locator('html').getAttribute('lang')).toBe(
      locale === 'bn-BD' || locale === 'pt-BR' ? locale : 'en-GB',
    )
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
    ).toEqual([])
  },
)

test('the keyboard reaches who waits and the language, and the language stays after a reload', async () => {
  const page = await signedIn({ locale: 'en' })
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('waiting')
  await page.locator('#language').focus()
  await page.keyboard.press('Home')
  await page.getByText('Conversas agora').waitFor()
  await page.reload()
  await page.getByText('Conversas agora').waitFor()
})

test('agents are shown who waits in the queues that they serve, and no other', async () => {
  const page = await signedIn({ locale: 'en' }, 'rahim')
  await page.locator('#rows tr').first().waitFor()
  expect(await page.locator('#rows td.queue').allTextContents()).not.toContain('loans')
  expect(await textOf(page, 'waitingCount')).toBe(String(await page.locator('#rows tr').count()))
  for (const id of ['withRobotCount', 'endingCount', 'closedTodayCount'])
    expect(await page.locator(`#${id}`).isVisible()).toBe(false)
  await page.context().close()
})

test('whoever signs out is asked to sign in, in every tab, and the console shows nothing to the next one', async () => {
  const page = await signedIn({ locale: 'en' })
  await page.getByText('Vera Campos').waitFor()
  const other = await page.context().newPage()
  await other.goto(service.url)
  await other.locator('#rows tr').first().waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  for (const each of [page, other]) await each.getByLabel('Password').waitFor()
  await other.goto(service.url)
  expect(await other.getByLabel('Password').isVisible()).toBe(true)
  await page.context().close()
})

test('a page that is open when its person is deactivated closes by itself, and they are told why they cannot come back', async () => {
  const page = await signedIn({ locale: 'en' }, 'bruno')
  await page.locator('#rows tr').first().waitFor()
  const people = grpcClient(PeopleServiceClient, service.grpcAddress, await callerCredentials('operator'))
  await grpcCall(people, 'deactivatePerson', { login: 'bruno' }, { timeoutMs: 30_000 })
  await page.getByLabel('Login').fill('bruno')
  await page.getByLabel('Password').fill(passwordFor('bruno'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Your account is deactivated').waitFor()
  expect(await page.locator('main').innerText()).toContain('PERSON_DEACTIVATED')
  await grpcCall(people, 'activatePerson', { login: 'bruno' }, { timeoutMs: 30_000 })
  people.close()
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await page.getByLabel('Login').fill('bruno')
  await page.getByLabel('Password').fill(passwordFor('bruno'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('#rows tr').first().waitFor()
  await page.context().close()
})

test.for([
  ['light', 360],
  ['dark', 1280],
] as const)(
  'the sign-in and its refusals work without script, fit and have no accessibility findings (%s, %i px)',
  async ([colorScheme, width]) => {
    const context = await chrome.newContext({
      locale: 'pt-BR',
      colorScheme,
      viewport: { width, height: 740 },
      bypassCSP: true,
    })
    const page = await context.newPage()
    const findings = async () => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      return (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)
    }
    await page.goto(service.url)
    expect(await findings()).toEqual([])
    await page.getByLabel('Usuário').fill('vera')
    await page.getByLabel('Senha').fill('errada')
    await page.getByRole('button', { name: 'Entrar' }).click()
    await page.getByText('Usuário ou senha não conferem.').waitFor()
    expect(await findings()).toEqual([])
    await page.goto(`${service.url}/sign-in/callback?state=x&code=y`)
    await page.getByText('Não foi possível entrar').waitFor()
    expect(await findings()).toEqual([])
    await context.close()

    const withoutScript = await chrome.newContext({ javaScriptEnabled: false })
    const plain = await withoutScript.newPage()
    await plain.goto(service.url)
    await plain.locator('[name=login]').fill('vera')
    await plain.locator('[name=password]').fill(passwordFor('vera'))
    await plain.locator('button').click()
    await plain.waitForURL(`${service.url}/`)
    await withoutScript.close()
  },
)

test('a stream that stops is said plainly, and when it is back the banner goes', async () => {
  await using road = await cuttableRoadTo(new URL(service.url))
  const page = await signedIn({ locale: 'en' })
  await page.goto(road.url)
  await page.locator('#rows tr').first().waitFor()
  expect(await page.locator('#banner').isVisible()).toBe(false)
  road.cut()
  await page.getByText('The live stream has stopped').waitFor()
  road.mend()
  await page.locator('#banner').waitFor({ state: 'hidden' })
  await page.close()
})

test('lists have fifty a page, what waits longest first and what was active last first, each once, and the cursor ends', async () => {
  const browser = new Browser()
  await browser.signIn(service.url, 'vera', passwordFor('vera'))
  const begin = Date.now() - 86_400_000
  const ids = [...Array(120).keys()].map((index) => `of-many-${index}`)
  for (const [index, id] of ids.entries())
    await happened(id, new Date(begin + index * 1_000), opened(id), handedOver('many'))
  const last = `/api/conversations/${ids.at(-1)}`
  await until('the last one is there', async () => (await read(browser, last)).status === 200)
  const listed = async (view: string) => {
    const pages: string[][] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await read(
        browser,
        `/api/conversations?view=${view}&queue=many${cursor && `&cursor=${cursor}`}`,
      )
      pages.push(body['conversations'].map(({ id }: { id: string }) => id))
      cursor = body['cursor']
    }
    return pages
  }
  const waiting = await listed('waiting')
  expect(waiting.map(({ length }) => length)).toEqual([50, 50, 20])
  expect(waiting.flat()).toEqual(ids)
  expect((await listed('all')).flat()).toEqual(ids.toReversed())
})

test('it stops cleanly while consoles watch, and nothing was a fault', async () => {
  const page = await signedIn({})
  await page.locator('#rows tr').first().waitFor()
  expect(await service.stop()).toBe(0)
  expect(service.faults).toEqual([])
  await page.close()
})

/** A TCP proxy that can drop all connections and refuse new ones. */
async function cuttableRoadTo({ port }: URL) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect(Number(port), '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        other.destroy()
        sockets.delete(socket)
      })
    }
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    // Of the console's own name, for its cookies go by it.
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
      drop()
    },
    mend: () => void (isCut = false),
    [Symbol.asyncDispose]: async () => {
      drop()
      server.close()
      await once(server, 'close')
    },
  }
}
