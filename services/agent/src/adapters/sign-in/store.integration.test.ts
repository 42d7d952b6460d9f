import { randomUUID } from 'node:crypto'
import { connectMongo } from '@parley/service'
import { expect, inject, onTestFinished, test } from 'vitest'
import { SignInStore, newSignIn } from './store.ts'

async function signIns(perAddressMax: number) {
  const { db, resource } = await connectMongo(inject('mongoUri'), `sign-ins-${randomUUID()}`)
  onTestFinished(async () => {
    await db.dropDatabase()
    await resource.close()
  })
  const clock = { now: new Date('2026-11-28T13:00:00.000Z') }
  return { clock, store: await SignInStore.open(db, perAddressMax, () => clock.now) }
}

test('of an address so many sign-ins are under way and no more, whatever begins at one moment', async () => {
  const { store } = await signIns(5)
  const begun = Array.from({ length: 40 }, () => newSignIn('/'))
  const areIn = await Promise.all(begun.map((one) => store.begin('browser', '10.0.0.1', one)))
  const taken = await Promise.all(begun.map(({ state }) => store.take(['browser'], state)))
  expect(areIn.filter(Boolean).length).toBeLessThanOrEqual(5)
  // What was turned away leads nobody in.
  expect(taken.map((one) => one !== undefined)).toEqual(areIn)
})

test('all of them come in that there is room for; who came back, and who is too old, makes room', async () => {
  const { clock, store } = await signIns(3)
  const begin = async (address = '2001:db8::1') => {
    const signIn = newSignIn('/')
    return { state: signIn.state, isIn: await store.begin('browser', address, signIn) }
  }
  const first = await begin()
  expect([first.isIn, (await begin()).isIn, (await begin()).isIn]).toEqual([true, true, true])
  expect((await begin('2001:db8::2')).isIn).toBe(false)
  expect((await begin('2001:db8:0:1::1')).isIn).toBe(true)
  expect(await store.take(['browser'], first.state)).toBeDefined()
  expect((await begin()).isIn).toBe(true)
  expect((await begin()).isIn).toBe(false)
  clock.now = new Date(clock.now.getTime() + 10 * 60_000)
  expect((await begin()).isIn).toBe(true)
})
