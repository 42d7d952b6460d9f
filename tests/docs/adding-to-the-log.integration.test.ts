import { randomUUID } from 'node:crypto'
import { type ConversationEvent, conversations } from '@parley/conversation'
import { ensureTopics, eventRecord, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { connectMongo, createLogger } from '@parley/service'
import { Chain, testKafka, testMongoUri, until } from '@parley/testkit'
import { expect, test } from 'vitest'
import { compose } from './adding-to-the-log.ts'

test('what the guide composes projects, and wishes', async () => {
  await using undo = new AsyncDisposableStack()
  const namespace = `guide-${randomUUID().slice(0, 8)}`
  const kafka = { brokers: testKafka() }
  await ensureTopics(kafka, namespace, FAMILIES, 1)
  const log = undo.adopt(await kafkaLog(kafka, 'guide'), (it) => it.close())
  const { db } = undo.adopt(await connectMongo(testMongoUri(), namespace), ({ resource }) => resource.close())
  const topics = topicsOf(namespace, conversations)

  const chain = new Chain<ConversationEvent>(conversations, 'contact-1')
  const happened = [
    chain.add({ type: 'ConversationOpened' }, { correlationId: 'c1', at: '2026-11-28T12:00:00.000Z' }),
    chain.add({ type: 'ConversationClosed' }, { correlationId: 'c1', at: '2026-11-28T12:01:30.000Z' }),
    chain.add({ type: 'ContactMerged', data: { intoContactId: 'contact-2' } }),
  ]
  await log.append(topics.events, happened.map(eventRecord))

  const faults: unknown[] = []
  const { live, merges } = await compose(
    { log: createLogger({ service: 'tool', level: 'silent' }), fault: (error) => void faults.push(error) },
    { log, topics, namespace, db },
  )
  undo.defer(async () => {
    await Promise.all([live.stop(), merges.stop()])
  })
  await until('its duration is known', async () => {
    const found = await live.model.collection.findOne({ _id: 'c1' })
    return found?.seconds === 90
  })
  await until('the wish is said', async () => (await log.endOffset(topics.commands, 0)) === 1n)
  expect(faults).toEqual([])
})
