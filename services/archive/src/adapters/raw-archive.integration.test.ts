import { testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { Story } from '../transcript/story.fixture.ts'
import { rawArchive } from './raw-archive.ts'

test('a stream is read once for all pages of what it was at one moment, and anew once it grew', async () => {
  await using store = await testDb({ monitorCommands: true })
  const { client, db } = store
  let readCount = 0
  client.on('commandStarted', ({ commandName, command }) => {
    // The one that reads a stream; another looks for its partition.
    if (commandName === 'find' && command['find'] === 'raw_records' && command['limit'] !== 1) readCount += 1
  })
  const archive = await rawArchive(db)
  const story = new Story().opened().wrote('oi').wrote('tem alguém?', { id: 'in-2' })
  const stored = () => story.events.map(({ record }) => record)
  await archive.keep(stored())

  const read = async (conversationId = story.conversationId) => {
    const through = stored().at(-1)!.offset
    const { records, isComplete } = await archive.ofConversation(
      { streamId: story.contactId, conversationId },
      through,
    )
    return [isComplete, records.map(({ header }) => header.streamVersion)]
  }
  expect(await read()).toEqual([true, [1, 2, 3]])
  expect(await read()).toEqual([true, [1, 2, 3]])
  expect(await read('another')).toEqual([true, []])
  expect(readCount).toBe(1)

  story.wrote('olá', { id: 'in-3' })
  // Judged by what is archived: what is not there yet is waited for.
  expect(await read()).toEqual([false, [1, 2, 3]])
  await archive.keep(stored().slice(-1))
  expect(await read()).toEqual([true, [1, 2, 3, 4]])
  expect(readCount).toBe(2)
})
