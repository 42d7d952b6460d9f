import { expect, test } from 'vitest'
import { mayBegin, upToDate } from './desk-sight.ts'

/** @param read how far the read model is once it had its time */
const feedAt = (told: string, read: string) => ({ position: () => told, readPosition: async () => read })

test('what is not there is not there, once all that desks were told of is read', async () => {
  expect(await upToDate(feedAt('7', '7'), async () => undefined)).toBeUndefined()
})

test('while the read model is behind what desks were told, nothing is said not to be there, and what is there is found', async () => {
  await expect(upToDate(feedAt('7', '5'), async () => undefined)).rejects.toMatchObject({
    statusCode: 503,
    code: 'NOT_READ_YET',
  })
  expect(await upToDate(feedAt('7', '5'), async () => 'found')).toBe('found')
})

test('a stream begins at the present only where what can be read is no older: who reads then would never learn what lies between', async () => {
  const feed = (read: string, kept: readonly string[]) => ({
    ...feedAt('7', read),
    goesOnFrom: (id: string | undefined) => id !== undefined && kept.includes(id),
  })
  const notYet = { statusCode: 503, code: 'NOT_READ_YET' }
  await mayBegin(feed('7', []), undefined)
  await expect(mayBegin(feed('5', []), undefined)).rejects.toMatchObject(notYet)
  await expect(mayBegin(feed('5', ['6']), '1')).rejects.toMatchObject(notYet)
  // It is told all that came since.
  await mayBegin(feed('5', ['6']), '6')
})
