import { randomUUID } from 'node:crypto'
import { readPeopleIn } from '@parley/people/directory'
import { connectMongo } from '@parley/service'
import { mongoProxy } from '@parley/testkit'
import { MongoError } from 'mongodb'
import { expect, inject, test } from 'vitest'
import { PeopleStore } from './people-store.ts'
import { SessionStore } from './session-store.ts'

const roster = await readPeopleIn(new URL('../../../../../config', import.meta.url).pathname)

test.each(['command', 'answer'] as const)(
  'where the store goes away with the %s while somebody signs out, they are known until each tab is signed out',
  async (lost) => {
    await using proxy = await mongoProxy(inject('mongoUri'))
    const { db, client, resource } = await connectMongo(proxy.uri, `sessions-${randomUUID().slice(0, 8)}`)
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

    await client.db(db.databaseName).dropDatabase()
    await resource.close()
  },
)
