import { type NewCommand, causedBy, readCommand } from '@parley/kernel'
import { Chain, type TallyCommand, type TallyEvent, repeat, tallies } from '@parley/testkit'
import { expect, test } from 'vitest'
import { appendCommands } from '../commands.ts'
import { memoryLog } from '../memory.ts'
import { topicsOf } from '../topics.ts'
import type { ReadEvent } from './batch.ts'
import { type ProcessManager, managed } from './reactor.ts'

const topics = topicsOf('managed', tallies)

/** What was added anywhere is repeated; of something named poison it can make nothing. */
const repeating: ProcessManager<ReadEvent<TallyEvent>, TallyCommand> = (event) => {
  if (event.type !== 'Added') return []
  if (event.data.id === 'poison') throw new Error('No way.')
  const { streamId, recordedAt: occurredAt = '' } = event.envelope
  const actor = { kind: 'system', id: 'repeating' } as const
  return [causedBy(event, 'repeat', { ...repeat, streamId, occurredAt, actor })]
}

test('what a process manager wishes goes out in one append, the same wishes for the same events, and none where one is poison', async () => {
  const log = memoryLog({ partitions: 1 })
  let appends = 0
  const counting = {
    ...log,
    append: (...given: Parameters<typeof log.append>) => {
      appends += 1
      return log.append(...given)
    },
  }
  const [sick, well] = ['sick', 'well'].map((streamId) => new Chain(tallies, streamId))
  const added = (chain: Chain<TallyEvent>, id: string) => chain.add({ type: 'Added', data: { id } })
  const events = [
    added(sick!, 'a'),
    added(well!, 'b'),
    added(sick!, 'poison'),
    added(sick!, 'behind it'),
    added(well!, 'c'),
  ]
  const prepared: unknown[] = []
  const handle = managed(
    (commands: readonly NewCommand<TallyCommand>[]) => appendCommands(counting, topics, commands),
    repeating,
    async (those) => {
      // Whoever hears of a wish is to find done what goes before it.
      prepared.push(those, log.records(topics.commands).length)
    },
  )
  const wishes = () =>
    log
      .records(topics.commands)
      .map(({ value, timestamp, offset }) => readCommand(value, timestamp, offset).envelope)

  await expect(handle({ events })).rejects.toMatchObject({
    poisons: [{ event: events[2], error: new Error('No way.') }],
  })
  expect([prepared, appends]).toEqual([[], 0])
  const healthy = { events: [events[0]!, events[1]!, events[4]!] }
  await handle(healthy)
  expect(appends).toBe(1)
  expect(prepared).toEqual([[events[0], events[1], events[4]], 0])
  expect(wishes().map(({ streamId }) => streamId)).toEqual(['sick', 'well', 'well'])
  // After a crash the same events come again: said twice, each is one wish.
  await handle(healthy)
  const ids = wishes().map(({ commandId }) => commandId)
  expect(ids.slice(3)).toEqual(ids.slice(0, 3))
})
