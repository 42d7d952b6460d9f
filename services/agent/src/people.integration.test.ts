import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { audits } from '@parley/audit'
import { ensureTopics, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { asBuffer, wordsNamed } from '@parley/kernel'
import { CommandEnvelope } from '@parley/proto/envelope'
import { PeopleServiceClient } from '@parley/proto/people'
import { grpcCall, grpcClient, status } from '@parley/service'
import { callerCredentials, callerEnv, tcpProxy, until } from '@parley/testkit'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { Browser } from './adapters/testing/browser.ts'
import { passwordFor, startAgent, startIdentity } from './adapters/testing/running-agent.ts'

const around = {
  namespace: `people-${randomUUID().slice(0, 8)}`,
  brokers: inject('kafkaBrokers'),
  mongoUri: inject('mongoUri'),
}
const PARLEY = fileURLToPath(new URL('../../../infra/operator/src/parley.ts', import.meta.url))
/** A second at rest. Nothing else would end a stream before its session ends, so there is room for a machine that does other work. */
const ENDED_WITHIN_MS = 10_000
const TELEVISION_ENDED_WITHIN_MS = 5_000
/** A command loads a good deal before it asks. */
const COMMANDS = { timeout: 200_000 }
let identity: Awaited<ReturnType<typeof startIdentity>>
let first: Awaited<ReturnType<typeof startAgent>>
let second: Awaited<ReturnType<typeof startAgent>>
let people: PeopleServiceClient

beforeAll(async () => {
  await ensureTopics({ brokers: around.brokers }, around.namespace, FAMILIES, 2)
  identity = await startIdentity()
  first = await startAgent(around, identity.env)
  second = await startAgent(around, { ...identity.env, AGENT_HTTP_PORT: '0' })
  people = grpcClient(PeopleServiceClient, second.grpcAddress, await callerCredentials('operator'))
})
afterAll(async () => {
  people?.close()
  await Promise.all([first?.stop(), second?.stop()])
  await identity?.provider.close()
})

async function signedIn(login: string): Promise<Browser> {
  const browser = new Browser()
  const page = await browser.signIn(first.url, login, passwordFor(login), '/api/me')
  expect(page.status).toBe(200)
  return browser
}

const me = (browser: Browser, url = first.url) => browser.ask(`${url}/api/me`)
/** On all replicas, from loopback. */
async function signInsUnderWay(): Promise<number> {
  await using mongo = await MongoClient.connect(around.mongoUri)
  return await mongo.db(`${around.namespace}_agent`).collection('sign_ins').countDocuments()
}
const sameOrigin = (url: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', origin: url },
  body: '{}',
})

/** An open stream, and when it ended. */
async function openStream(browser: Browser, url: string, path = '/live') {
  const answer = await browser.ask(`${url}${path}`)
  expect(answer.status).toBe(200)
  const reader = answer.body!.getReader()
  await reader.read()
  const ended = (async () => {
    while (!(await reader.read()).done);
    return performance.now()
  })()
  return { ended, cancel: () => reader.cancel() }
}

test('who signs in comes back to where they were, as the person that the company configured, with what their roles allow', async () => {
  const browser = await signedIn('sonia')
  expect(browser.url).toBe(`${first.url}/api/me`)
  expect(await (await me(browser)).json()).toMatchObject({
    id: 'p07',
    login: 'sonia',
    name: 'Sônia Castro',
    roles: ['supervisor'],
    team: 'atendimento',
    vendor: null,
    permissions: [
      'conversations.read',
      'conversations.answer',
      'conversations.assign',
      'conversations.supervise',
      'conversations.export',
      'metrics.read',
    ],
  })
  const vendors = await signedIn('rahim')
  expect(await (await me(vendors)).json()).toMatchObject({
    team: 'contato-sul',
    vendor: 'Contato Sul Atendimento',
  })
})

test('who is let in by which roles is on record, with all that a replica read at its start', async () => {
  for (const name of ['people', 'scorecards', 'quick-replies', 'names']) {
    const told = await wishesOf(name, /^configuration_changed$/)
    expect([name, told.length]).toEqual([name, 2])
    expect(told[0]).toEqual(told[1])
  }
})

test('settings of the desk are the person’s on every replica, and nobody else’s', async () => {
  const [one, other] = [await signedIn('ana'), await signedIn('bruno')]
  const keep = (settings: object) =>
    one.ask(`${first.url}/api/settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', origin: first.url },
      body: JSON.stringify(settings),
    })
  expect((await keep({ language: 'bn', density: 'compact' })).status).toBe(204)
  expect((await keep({ language: 'bn', name: 'Ana' })).status).toBe(400)
  const read = async (browser: Browser, url: string) => (await browser.ask(`${url}/api/settings`)).json()
  expect(await read(one, second.url)).toEqual({ language: 'bn', density: 'compact' })
  expect(await read(other, first.url)).toEqual({})
  // Two windows of one person: each changes what it names.
  const both = await Promise.all([keep({ density: 'comfortable' }), keep({ scheme: 'dark' }), keep({})])
  expect(both.map(({ status }) => status)).toEqual([204, 204, 204])
  expect(await read(one, second.url)).toEqual({ language: 'bn', density: 'comfortable', scheme: 'dark' })
})

test('without a session the API and streams answer 401 and pages lead to the sign-in', async () => {
  const stranger = new Browser()
  for (const path of ['/api/me', '/live', '/api/nothing']) {
    const answer = await stranger.ask(`${first.url}${path}`)
    expect([path, answer.status]).toEqual([path, 401])
    expect(await answer.json()).toMatchObject({ code: 'NOT_SIGNED_IN' })
  }
  const page = await stranger.ask(`${first.url}/?tab=1`)
  expect([page.status, page.headers.get('location')]).toEqual([302, '/sign-in?returnTo=%2F%3Ftab%3D1'])
})

test('a session is good on every replica, and its cookie is kept from scripts and other sites', async () => {
  const browser = new Browser()
  const form = await browser.get(`${first.url}/sign-in`)
  const redirected = browser.submit(form, { login: 'ana', password: passwordFor('ana') })
  await redirected
  expect((await me(browser, second.url)).status).toBe(200)

  const secure = await startAgent(around, {
    ...identity.env,
    AGENT_HTTP_PORT: '0',
    AGENT_PUBLIC_URL: 'https://localhost:1',
  })
  const setCookie = async (url: string) =>
    (await fetch(`${url}/sign-in`, { redirect: 'manual' })).headers.getSetCookie().join()
  expect(await setCookie(secure.url)).toMatch(
    /^__Host-parley_sign_in_[\w-]{8}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  expect(await setCookie(first.url)).toMatch(
    /^parley_sign_in_[\w-]{8}=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  await secure.stop()
})

test('the store holds no session id that would open anything', async () => {
  const browser = await signedIn('ana')
  await using client = await new MongoClient(around.mongoUri).connect()
  const stored = JSON.stringify(
    await client.db(`${around.namespace}_agent`).collection('sessions').find().toArray(),
  )
  const cookie = browser.cookies.get('parley_session') ?? ''
  expect(cookie).toMatch(/^[\w-]{43}$/)
  expect(stored).not.toContain(cookie)
  for (const [id] of stored.matchAll(/[0-9a-f]{64}/g)) {
    const thief = new Browser()
    thief.cookies.set('parley_session', id)
    expect((await me(thief)).status).toBe(401)
  }
})

test.each([
  ['nothing', ''],
  ['another shape', "';--"],
  ['the right shape, of nobody', 'A'.repeat(43)],
])('a forged session opens nothing: %s', async (_, value) => {
  const browser = new Browser()
  browser.cookies.set('parley_session', value)
  expect((await me(browser)).status).toBe(401)
})

test('a sign-in rotates the session: the one before it opens nothing', async () => {
  const browser = await signedIn('ana')
  const before = browser.cookies.get('parley_session')!
  await browser.signIn(first.url, 'ana', passwordFor('ana'))
  expect(browser.cookies.get('parley_session')).not.toBe(before)
  expect((await me(browser)).status).toBe(200)
  browser.cookies.set('parley_session', before)
  expect((await me(browser)).status).toBe(401)
})

test('after the sign-out, which is on record, the session opens nothing, on any replica, and the provider asks for the password again', async () => {
  const before = await signOuts('p01')
  const browser = await signedIn('ana')
  const session = browser.cookies.get('parley_session')!
  const answer = await browser.ask(`${first.url}/sign-out`, sameOrigin(first.url))
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  expect(await signOuts('p01')).toHaveLength(before.length + 1)
  expect(browser.cookies.has('parley_session')).toBe(false)
  browser.cookies.set('parley_session', session)
  for (const url of [first.url, second.url]) expect((await me(browser, url)).status).toBe(401)
  const begun = await browser.ask(`${first.url}/sign-in`)
  expect(new URL(begun.headers.get('location')!).searchParams.get('prompt')).toBe('login')
})

test('who signs out where the session was over by then is asked for the password all the same, and no other site brings that about', async () => {
  const browser = await signedIn('ana')
  // As good as one that has ended.
  browser.cookies.set('parley_session', 'A'.repeat(43))
  const promptAfter = async (origin: string) => {
    const answer = await browser.ask(`${first.url}/sign-out`, sameOrigin(origin))
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'NOT_SIGNED_IN' }])
    const begun = await browser.ask(`${first.url}/sign-in`)
    return new URL(begun.headers.get('location')!).searchParams.get('prompt')
  }
  expect(await promptAfter('https://evil.example')).toBe(null)
  expect(await promptAfter(first.url)).toBe('login')
})

test('another site cannot sign anybody out', async () => {
  const browser = await signedIn('ana')
  const answer = await browser.ask(`${first.url}/sign-out`, sameOrigin('https://evil.example'))
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'ORIGIN_REFUSED' }])
  expect((await me(browser)).status).toBe(200)
})

test('a wrong password and an unknown login look alike, neither signs in, and each is on record: with whose login it was, never with what was typed', async () => {
  const failuresOf = (id: string) => wishesOf(id, /^sign_in_failed$/)
  const before = [await failuresOf('p01'), await failedSignIns()]
  const pages = []
  for (const login of ['ana', 'nobody-has-this']) {
    const browser = new Browser()
    const page = await browser.signIn(first.url, login, 'wrong')
    const text = (await page.text()).replaceAll(/interaction\/[\w-]+/g, 'interaction/x')
    pages.push([page.status, text])
    expect(browser.cookies.has('parley_session')).toBe(false)
  }
  expect(pages[0]).toEqual(pages[1])
  const fact = ['sign_in_failed', { code: 'LOGIN_OR_PASSWORD_WRONG' }, undefined]
  // The provider tells of it behind its answer.
  await expect
    .poll(async () => [await failuresOf('p01'), await failedSignIns()])
    .toEqual(before.map((told) => [...told, fact]))
  const forged = await fetch(`${first.url}/backchannel-sign-in-failed`, {
    method: 'POST',
    body: new URLSearchParams({ event_token: 'e30.e30.e30' }),
  })
  expect([forged.status, await forged.json()]).toMatchObject([400, { code: 'SIGN_IN_INVALID' }])
})

/** As far as the provider's last redirect: the callback, not yet asked for. */
async function readyToComeBack() {
  const browser = new Browser()
  return { browser, callback: await callbackOf(browser, `${first.url}/sign-in?returnTo=/api/me`) }
}

/** @param url the sign-in, or where it led */
async function callbackOf(browser: Browser, url: string): Promise<string> {
  const form = await browser.get(url)
  const action = /action="([^"]+)"/.exec(await form.text())![1]!
  let answer = await browser.ask(new URL(action, identity.issuer).href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ login: 'ana', password: passwordFor('ana') }).toString(),
  })
  while (!answer.headers.get('location')!.includes('/sign-in/callback'))
    answer = await browser.ask(answer.headers.get('location')!)
  return answer.headers.get('location')!
}

const failedSignIns = () => wishesOf('openid', /^sign_in_failed$/)
const signOuts = (id: string) => wishesOf(id, /^signed_out$/)

test('a callback is good once, in the browser that it began in, with its own state', async () => {
  const failures = await failedSignIns()
  const { browser, callback } = await readyToComeBack()
  const refused = async (who: Browser, url: string) => {
    const answer = await who.ask(url)
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'SIGN_IN_INVALID' }])
    expect(who.cookies.has('parley_session')).toBe(false)
  }
  await refused(new Browser(), callback)
  const otherState = new URL(callback)
  otherState.searchParams.set('state', 'A'.repeat(43))
  await refused(browser, otherState.href)
  const other = await readyToComeBack()
  await refused(other.browser, callback)

  expect((await browser.ask(callback)).headers.get('location')).toBe('/api/me')
  expect((await me(browser)).status).toBe(200)
  browser.cookies.delete('parley_session')
  await refused(browser, callback)
  // Each is on record, whoever it was.
  const fact = ['sign_in_failed', { code: 'SIGN_IN_INVALID' }, undefined]
  expect(await failedSignIns()).toEqual([...failures, fact, fact, fact, fact])
})

test('tabs that begin to sign in at one moment, as when a browser opens them again, all come back to where they were', async () => {
  const failures = await failedSignIns()
  const browser = new Browser()
  const begun = await Promise.all(
    ['/api/me?tab=1', '/api/me?tab=2', '/api/me?tab=3'].map((path) =>
      browser.ask(`${first.url}/sign-in?returnTo=${encodeURIComponent(path)}`),
    ),
  )
  const led = []
  for (const { headers } of begun) {
    // Each with a form of its own: the provider knows the browser by its cookies, which are not what this is about.
    const atProvider = new Browser()
    const callback = await callbackOf(atProvider, headers.get('location')!)
    led.push((await browser.ask(callback)).headers.get('location'))
  }
  expect(led).toEqual(['/api/me?tab=1', '/api/me?tab=2', '/api/me?tab=3'])
  expect((await me(browser)).status).toBe(200)
  expect(await failedSignIns()).toEqual(failures)
  // Whoever begins once more keeps what the browser has.
  const cookies = browser.cookies.size
  await browser.ask(`${first.url}/sign-in`)
  expect(browser.cookies.size).toBe(cookies)
})

test('a sign-out ends what each tab of the browser came back with, where they came back at one moment', async () => {
  const tabs = [await signedIn('rahim'), await signedIn('rahim')]
  // As of a provider that knows the browser and asks once: ours asks each time.
  await using mongo = await MongoClient.connect(around.mongoUri)
  const sessions = mongo.db(`${around.namespace}_agent`).collection('sessions')
  const { id } = (await (await me(tabs[0]!)).json()) as { readonly id: string }
  await sessions.updateMany({ personId: id }, { $set: { providerSession: 'of one browser' } })
  expect((await tabs[0]!.ask(`${first.url}/sign-out`, sameOrigin(first.url))).status).toBe(204)
  expect((await me(tabs[1]!)).status).toBe(401)
})

test('a callback whose code the provider does not know signs in nobody, and is on record', async () => {
  const failures = await failedSignIns()
  const { browser, callback } = await readyToComeBack()
  const forged = new URL(callback)
  forged.searchParams.set('code', 'A'.repeat(43))
  expect((await browser.ask(forged.href)).status).toBe(400)
  expect(browser.cookies.has('parley_session')).toBe(false)
  expect(await failedSignIns()).toHaveLength(failures.length + 1)
})

test.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/.//evil.example',
  '/sign-in',
  '/%73ign-in',
])('a sign-in never leads to another site: %s', async (returnTo) => {
  const browser = new Browser()
  await browser.signIn(first.url, 'ana', passwordFor('ana'), returnTo)
  expect(browser.url).toBe(`${first.url}/`)
})

test('a deactivated person has no session a second later, on any replica, and gets none', async () => {
  const browser = await signedIn('carla')
  const streams = [await openStream(browser, first.url), await openStream(browser, second.url)]
  const before = performance.now()
  const answer = await grpcCall(people, 'deactivatePerson', { login: 'carla' }, { timeoutMs: 30_000 })
  expect(answer).toMatchObject({ isChanged: true })
  for (const { ended } of streams) expect((await ended) - before).toBeLessThan(ENDED_WITHIN_MS)
  for (const url of [first.url, second.url]) expect((await me(browser, url)).status).toBe(401)

  const again = new Browser()
  const page = await again.signIn(first.url, 'carla', passwordFor('carla'))
  expect([page.status, await page.json()]).toMatchObject([403, { code: 'PERSON_DEACTIVATED' }])
  expect(again.cookies.has('parley_session')).toBe(false)

  expect(await grpcCall(people, 'deactivatePerson', { login: 'carla' }, { timeoutMs: 30_000 })).toMatchObject(
    {
      isChanged: false,
    },
  )
  await grpcCall(people, 'activatePerson', { login: 'carla' }, { timeoutMs: 30_000 })
  // To be active again revives no session.
  expect((await me(browser)).status).toBe(401)
  expect((await me(await signedIn('carla'))).status).toBe(200)
})

/** A store that stands still, as one does whose machine is overloaded: what is asked of it waits. */
async function storeThatStands() {
  const behind = new URL(around.mongoUri)
  let isStanding = false
  const waiting: (() => void)[] = []
  const proxy = await tcpProxy(behind.hostname, Number(behind.port), ({ client, upstream }) => {
    const pass = (chunk: Buffer) =>
      isStanding ? void waiting.push(() => pass(chunk)) : upstream.write(chunk)
    client.on('data', pass)
    upstream.on('data', (chunk) => client.write(chunk))
  })
  behind.port = String(proxy.port)
  behind.searchParams.set('directConnection', 'true')
  return {
    uri: behind.href,
    stand: () => void (isStanding = true),
    goOn() {
      isStanding = false
      for (const pass of waiting.splice(0)) pass()
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}

test('a change is answered when the slowest replica has acted on it, and not before', async () => {
  await using store = await storeThatStands()
  const slow = await startAgent({ ...around, mongoUri: store.uri }, { ...identity.env, AGENT_HTTP_PORT: '0' })
  const browser = await signedIn('elisa')
  const stream = await openStream(browser, slow.url)
  store.stand()
  const states: string[] = []
  const done = grpcCall(people, 'deactivatePerson', { login: 'elisa' }, { timeoutMs: 20_000 }).then(() =>
    states.push('answered'),
  )
  void stream.ended.then(() => states.push('ended'))
  const heldSince = performance.now()
  await until(
    'something came of it, or time passed',
    () => performance.now() - heldSince > 1_500 || states.length > 0,
  )
  expect(states).toEqual([])
  store.goOn()
  await done
  await until('both came', () => states.length === 2)
  await grpcCall(people, 'activatePerson', { login: 'elisa' }, { timeoutMs: 20_000 })
  await slow.stop()
})

/** What a screen on a wall watches. */
async function televisionOf(login: string): Promise<string> {
  const browser = await signedIn(login)
  const made = await browser.ask(`${first.url}/api/wallboard/televisions`, sameOrigin(first.url))
  return `${new URL(((await made.json()) as { url: string }).url).pathname}/stream`
}

test('a replica that is gone without a word is waited for no longer than it could have shown anything, and once', async () => {
  await using store = await storeThatStands()
  const gone = await startAgent({ ...around, mongoUri: store.uri }, { ...identity.env, AGENT_HTTP_PORT: '0' })
  const { ended } = await openStream(await signedIn('bruno'), gone.url)
  const television = await openStream(new Browser(), gone.url, await televisionOf('sonia'))
  store.stand()
  const took = async (method: 'deactivatePerson' | 'activatePerson') => {
    const before = performance.now()
    await grpcCall(people, method, { login: 'elisa' }, { timeoutMs: 20_000 })
    return performance.now() - before
  }
  // It has ended its streams by itself.
  const [deactivating] = await Promise.all([took('deactivatePerson'), ended, television.ended])
  expect(deactivating).toBeGreaterThan(3_000)
  expect(await took('activatePerson')).toBeLessThan(3_000)
  store.goOn()
  await gone.stop()
}, 60_000)

test('other roles end the sessions, and hold from the next sign-in on', async () => {
  const browser = await signedIn('diego')
  const { ended } = await openStream(browser, first.url)
  const before = performance.now()
  const roles = ['supervisor', 'agent']
  await grpcCall(people, 'setRoles', { login: 'diego', roles }, { timeoutMs: 30_000 })
  expect((await ended) - before).toBeLessThan(ENDED_WITHIN_MS)
  expect((await me(browser)).status).toBe(401)
  const anew = await signedIn('diego')
  expect(await (await me(anew)).json()).toMatchObject({ roles: ['agent', 'supervisor'] })
  expect(await grpcCall(people, 'setRoles', { login: 'diego', roles }, { timeoutMs: 30_000 })).toMatchObject({
    isChanged: false,
    // No workforce is in force here: the operator is told what is missing still.
    withoutPlace: roles,
  })
  expect((await me(anew)).status).toBe(200)
})

test('a television ends with the rights of who set it up, as soon as their own pages, on every replica, and shows no more than they see now', async () => {
  const path = await televisionOf('otavio')
  const onWalls = () => Promise.all([first, second].map(({ url }) => openStream(new Browser(), url, path)))
  const endWith = async (change: () => Promise<unknown>) => {
    const streams = await onWalls()
    await change()
    const inForce = performance.now()
    for (const { ended } of streams) expect((await ended) - inForce).toBeLessThan(TELEVISION_ENDED_WITHIN_MS)
  }
  const roles = (...roles: string[]) =>
    grpcCall(people, 'setRoles', { login: 'otavio', roles }, { timeoutMs: 30_000 })
  // May see numbers before and after, and other ones.
  await endWith(() => roles('supervisor'))
  await endWith(() => grpcCall(people, 'deactivatePerson', { login: 'otavio' }, { timeoutMs: 30_000 }))
  expect((await new Browser().ask(`${first.url}${path}`)).status).toBe(404)
  await grpcCall(people, 'activatePerson', { login: 'otavio' }, { timeoutMs: 30_000 })
  await roles('auditor')
})

/** What the audit was told of this person, or of nobody's sign-ins: types, facts, and who was at the terminal. */
async function wishesOf(id: string, types = /^(?:person|roles)_/) {
  const log = await kafkaLog({ brokers: around.brokers }, 'people-test')
  const topic = topicsOf(around.namespace, audits).commands
  const told: (readonly [string, object, string | undefined])[] = []
  for (let partition = 0; partition < (await log.partitionCount(topic)); partition += 1)
    for (const { value } of await log.read(topic, partition, 0n, await log.endOffset(topic, partition))) {
      const envelope = CommandEnvelope.decode(value)
      const { data } = audits.readCommand(envelope)
      if (data.subjectId !== id || !types.test(data.type)) continue
      const [operator] = wordsNamed(envelope.content, 'field.operator')
      const facts = Object.fromEntries(data.fields.map(({ name, value: fact }) => [name, fact]))
      told.push([data.type, facts, operator && asBuffer(operator).toString('utf8')])
    }
  await log.close()
  return told
}

describe('npm run parley -- people', () => {
  const parley = (...args: readonly string[]) => parleyAt(first.grpcAddress, ...args)
  const parleyAt = (address: string, ...args: readonly string[]) =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      const child = spawn(process.execPath, [PARLEY, 'people', ...args], {
        env: {
          ...process.env,
          ...callerEnv('operator'),
          AGENT_GRPC_ADDRESS: address,
          PARLEY_OPERATOR: 'জোহরা',
        },
      })
      let [out, err] = ['', '']
      child.stdout.on('data', (text) => (out += String(text)))
      child.stderr.on('data', (text) => (err += String(text)))
      child.once('close', (code) => resolve({ code, out, err }))
    })

  test('ends with 0 once it is in force on every replica, and again changes nothing', COMMANDS, async () => {
    const browser = await signedIn('tiago')
    const { ended } = await openStream(browser, second.url)
    expect(await parley('deactivate', 'tiago')).toMatchObject({
      code: 0,
      out: '{"login":"tiago","isChanged":true}\n',
    })
    expect((await me(browser, second.url)).status).toBe(401)
    await ended
    expect(await parley('deactivate', 'tiago')).toMatchObject({
      code: 0,
      out: '{"login":"tiago","isChanged":false}\n',
    })
    await grpcCall(people, 'activatePerson', { login: 'tiago' }, { timeoutMs: 30_000 })
    expect(await parley('roles', 'tiago', 'agent,supervisor')).toMatchObject({ code: 0 })
    expect((await wishesOf('p08')).toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
      ['person_activated', { caller: 'operator', revision: '2' }, undefined],
      ['person_deactivated', { caller: 'operator', revision: '1' }, 'জোহরা'],
      [
        'roles_changed',
        { rolesBefore: 'supervisor', roles: 'agent,supervisor', caller: 'operator', revision: '3' },
        'জোহরা',
      ],
    ])
    expect(await (await me(await signedIn('tiago'))).json()).toMatchObject({ roles: ['agent', 'supervisor'] })
  })

  test('says what to look at where the service does not answer', COMMANDS, async () => {
    expect(await parleyAt('127.0.0.1:1', 'activate', 'tiago')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/\(UNAVAILABLE\)\. Is the agent service running, and is AGENT_GRPC_ADDRESS/),
    })
  })

  test.each([
    ['an unknown login', ['deactivate', 'anna'], 'did you mean "ana"?'],
    ['an unknown role', ['roles', 'ana', 'agnet'], 'did you mean "agent"?'],
    ['an unknown command', ['deactivat', 'ana'], 'did you mean "deactivate"?'],
    ['a login too few', ['deactivate'], 'LOGIN is missing'],
    ['a word too many', ['activate', 'ana', 'bruno'], 'one word too many'],
  ] as const)('ends with 2 for %s', COMMANDS, async (_, args, words) => {
    const { code, err } = await parley(...args)
    expect([code, err]).toEqual([2, expect.stringContaining(words)])
  })
})

test('who is not known, and what is no role, is said with what may have been meant', async () => {
  await expect(
    grpcCall(people, 'deactivatePerson', { login: 'anna' }, { timeoutMs: 30_000 }),
  ).rejects.toMatchObject({
    status: status.NOT_FOUND,
    code: 'PERSON_UNKNOWN',
    message: expect.stringContaining('did you mean "ana"?'),
  })
  await expect(
    grpcCall(people, 'setRoles', { login: 'ana', roles: ['agnet'] }, { timeoutMs: 30_000 }),
  ).rejects.toMatchObject({
    status: status.INVALID_ARGUMENT,
    code: 'ROLES_INVALID',
    message: expect.stringContaining('did you mean "agent"?'),
  })
})

test('the provider’s word that a session is over ends it here, with its open streams; nobody else’s does', async () => {
  const browser = await signedIn('elisa')
  const { ended } = await openStream(browser, second.url)
  for (const forged of ['', 'logout_token=e30.e30.e30', 'logout_token=x']) {
    const answer = await fetch(`${first.url}/backchannel-logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: forged,
    })
    expect(answer.status).toBe(400)
  }
  expect((await me(browser)).status).toBe(200)
  const before = await signOuts('p06')
  await identity.provider.logOut('p06')
  expect(await signOuts('p06')).toHaveLength(before.length + 1)
  await until('the session is over', async () => (await me(browser)).status === 401)
  await ended
})

test('a session ends when nobody used it for its idle time, and at its end however much it is used', async () => {
  const env = { ...identity.env, AGENT_HTTP_PORT: '0' }
  const idle = await startAgent(around, { ...env, SESSION_IDLE_SECONDS: '2' })
  const short = await startAgent(around, { ...env, SESSION_SECONDS: '3' })
  const begunAt = async ({ url }: { readonly url: string }) => {
    // The cookies are of the host's name, so the callback may come to any replica; the one that it comes to sets the limits.
    const { browser, callback } = await readyToComeBack()
    const { pathname, search } = new URL(callback)
    await browser.ask(`${url}${pathname}${search}`)
    expect((await me(browser, url)).status).toBe(200)
    return browser
  }
  const unused = await begunAt(idle)
  const watching = await begunAt(idle)
  const stream = await openStream(watching, idle.url)
  const used = await begunAt(short)
  await until('the session is over', async () => (await me(used, short.url)).status === 401)
  expect((await me(unused, idle.url)).status).toBe(401)
  // An open page uses the session.
  expect((await me(watching, idle.url)).status).toBe(200)
  await stream.cancel()
  await Promise.all([idle.stop(), short.stop()])
})

test('an address has so many sign-ins under way and no more, and one that is done makes room', async () => {
  const free = 2
  const bounded = await startAgent(around, {
    ...identity.env,
    AGENT_HTTP_PORT: '0',
    AGENT_SIGN_INS_PER_ADDRESS_MAX: String((await signInsUnderWay()) + free),
  })
  const begin = () => fetch(`${bounded.url}/sign-in`, { redirect: 'manual' })
  // It began on another replica and counts here.
  const { browser, callback } = await readyToComeBack()
  expect((await begin()).status).toBe(302)
  const refused = await begin()
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'TOO_MANY_SIGN_INS' }])
  expect(refused.headers.get('retry-after')).toBe('60')
  expect(refused.headers.getSetCookie()).toEqual([])
  await browser.ask(callback)
  expect((await begin()).status).toBe(302)
  expect((await begin()).status).toBe(429)
  await bounded.stop()
})

test('while the provider is away nobody can sign in, who is signed in works on, and when it is back all is as before', async () => {
  const browser = await signedIn('ana')
  await identity.provider.close()
  const waiting = await startAgent(around, { ...identity.env, AGENT_HTTP_PORT: '0' })
  const underWay = await signInsUnderWay()
  const answer = await fetch(`${waiting.url}/sign-in`, { redirect: 'manual' })
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'IDENTITY_UNAVAILABLE' }])
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await signInsUnderWay()).toBe(underWay)
  expect((await me(browser)).status).toBe(200)
  identity = { ...identity, provider: await identity.start() }
  expect((await fetch(`${waiting.url}/sign-in`, { redirect: 'manual' })).status).toBe(302)
  await until('somebody can sign in', async () => {
    const page = await new Browser().signIn(first.url, 'ana', passwordFor('ana'), '/api/me')
    return page.status === 200
  })
  await waiting.stop()
})

test('no login, no name, no password and no token is in a log line', () => {
  const lines = [...first.lines, ...second.lines].join('')
  expect(lines).not.toMatch(/Sônia|Souza|"ana"|carla|eyJ/)
  expect(lines).not.toContain(passwordFor('ana'))
  expect([...first.faults, ...second.faults]).toEqual([])
})
