import { randomUUID } from 'node:crypto'
import { connectMongo } from '@parley/service'
import { expect, inject, onTestFinished, test } from 'vitest'
import { TELEVISIONS_MAX, Televisions } from './televisions.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const ALL = { queue: undefined, team: undefined, vendor: undefined, flow: undefined }

async function screens() {
  const { db, resource } = await connectMongo(inject('mongoUri'), `televisions-${randomUUID()}`)
  onTestFinished(async () => {
    await db.dropDatabase()
    await resource.close()
  })
  const clock = { now: new Date('2026-11-28T13:00:00.000Z') }
  return { clock, televisions: await Televisions.open(db, () => clock.now) }
}

test('a person has so many screens, whatever is asked for at one moment, and each address is its own', async () => {
  const { televisions } = await screens()
  const asked = Array.from({ length: TELEVISIONS_MAX + 10 }, () => televisions.add(randomUUID(), 'vera', ALL))
  const added = (await Promise.all(asked)).filter((one) => one !== undefined)
  expect(added).toHaveLength(TELEVISIONS_MAX)
  const known = await Promise.all(added.map(({ token }) => televisions.of(token)))
  expect(new Set(known.map((one) => one?.id)).size).toBe(TELEVISIONS_MAX)
  expect(await televisions.list('vera')).toHaveLength(TELEVISIONS_MAX)
  expect(await televisions.add('hers', 'sonia', ALL)).toBeDefined()
})

test('a screen that was ended, or whose time is over, leaves its place to another, and its address opens nothing', async () => {
  const { clock, televisions } = await screens()
  const tokens: string[] = []
  for (let made = 0; made < TELEVISIONS_MAX; made += 1)
    tokens.push((await televisions.add(`s${made}`, 'vera', ALL))!.token)
  await televisions.remove('s3')
  expect(await televisions.add('another', 'vera', ALL)).toBeDefined()
  expect(await televisions.add('one more', 'vera', ALL)).toBeUndefined()
  clock.now = new Date(clock.now.getTime() + 90 * DAY_MS)
  expect(await televisions.add('in time', 'vera', ALL)).toBeDefined()
  expect((await televisions.list('vera')).map(({ id }) => id)).toEqual(['in time'])
  expect(await Promise.all(tokens.map((token) => televisions.of(token)))).toEqual(tokens.map(() => undefined))
})
