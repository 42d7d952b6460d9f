import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { readPeopleIn } from '@parley/people/directory'
import { mongoProxy, testDb } from '@parley/testkit'
import { MongoError } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { PeopleStore } from './people-store.ts'
import { SessionStore } from './session-store.ts'

const roster = await readPeopleIn(fileURLToPath(new URL('../../../../../config', import.meta.url)))

test.each(['command', 'answer'] as const)(
  'where the store goes away with the %s while somebody signs out, they are known until each tab is signed out',
  async (lost) => {
    await using proxy = await mongoProxy(inject('mongoUri'))
    await using kept = await testDb({ uri: proxy.uri })
    const { db } = kept
    const people = new PeopleStore(db, roster, 'https://login.example.com')
    const limits = { idleSeconds: 600, seconds: 3_600 }
    const sessions = await SessionStore.open(db, people, limits, () => new Date())
    const ana = people.now('p01', undefined)!
    const [tab, other, elsewhere] = [
      await sessions.begin(ana, 'browser'),
      await sessions.begin(ana, 'browser'),
      await sessions.begin(ana, 'another browser'),
    ]
    const goodOf = (cookies: readonly string[]) =>
      Promise.all(cookies.map(async (cookie) => (await sessions.of(cookie)) !== undefined))
    const { id } = (await sessions.of(tab))!

    proxy.breakAt('delete', lost)
    await expect(sessions.endOfBrowser(id)).rejects.toThrow(MongoError)
    expect(proxy.breaks).toBe(1)
    const [isKnown, otherIsKnown] = await goodOf([tab, other])
    expect([isKnown, otherIsKnown]).toEqual([true, lost === 'command'])
    expect(await sessions.endOfBrowser(id)).toContain(id)
    expect(await goodOf([tab, other, elsewhere])).toEqual([false, false, true])
  },
)

test('what the provider says is over ends, whether it named its session when it began, only now or never; others go on', async () => {
  await using kept = await testDb()
  const { db } = kept
  const people = new PeopleStore(db, roster, 'https://login.example.com')
  const sessions = await SessionStore.open(db, people, { idleSeconds: 600, seconds: 3_600 }, () => new Date())
  const goodAfter = async (
    ended: Omit<Parameters<typeof sessions.endOfProvider>[0], 'word'>,
  ): Promise<readonly string[]> => {
    const begun = await Promise.all(
      (
        [
          ['ana named', 'p01', 'session-1'],
          ['ana named elsewhere', 'p01', 'session-2'],
          ['ana unnamed', 'p01', null],
          ['bruno unnamed', 'p02', null],
        ] as const
      ).map(async ([name, id, session]) => {
        const cookie = await sessions.begin(people.now(id, undefined)!, session)
        return { name, cookie }
      }),
    )
    await sessions.endOfProvider({ word: randomUUID(), ...ended })
    const good: string[] = []
    for (const { name, cookie } of begun) if ((await sessions.of(cookie)) !== undefined) good.push(name)
    await db.collection('sessions').deleteMany({})
    return good
  }
  expect(await goodAfter({ session: 'session-1', personId: undefined })).toEqual([
    'ana named elsewhere',
    'ana unnamed',
    'bruno unnamed',
  ])
  expect(await goodAfter({ session: 'session-1', personId: 'p01' })).toEqual([
    'ana named elsewhere',
    'bruno unnamed',
  ])
  expect(await goodAfter({ session: 'session-3', personId: 'p01' })).toEqual([
    'ana named',
    'ana named elsewhere',
    'bruno unnamed',
  ])
  expect(await goodAfter({ session: null, personId: 'p01' })).toEqual(['bruno unnamed'])
  expect(await goodAfter({ session: null, personId: undefined })).toHaveLength(4)
})

test('a word of the provider that is said again, by it or by whoever has heard it, ends nobody who signed in since', async () => {
  await using proxy = await mongoProxy(inject('mongoUri'))
  await using kept = await testDb({ uri: proxy.uri })
  const people = new PeopleStore(kept.db, roster, 'https://login.example.com')
  const limits = { idleSeconds: 600, seconds: 3_600 }
  const sessions = await SessionStore.open(kept.db, people, limits, () => new Date())
  const signIn = () => sessions.begin(people.now('p01', undefined)!, null)
  const word = { word: 'word-1', session: null, personId: 'p01' }
  const isGood = async (cookie: string) => (await sessions.of(cookie)) !== undefined

  const before = await signIn()
  proxy.breakAt('delete', 'command')
  await expect(sessions.endOfProvider(word)).rejects.toThrow(MongoError)
  expect(await isGood(before)).toBe(true)
  // What was not done is done when it is said again.
  expect(await sessions.endOfProvider(word)).toHaveLength(1)
  expect(await isGood(before)).toBe(false)

  const since = await signIn()
  expect(await sessions.endOfProvider(word)).toEqual([])
  expect(await isGood(since)).toBe(true)
  expect(await sessions.endOfProvider({ ...word, word: 'word-2' })).toHaveLength(1)
  expect(await isGood(since)).toBe(false)
})
