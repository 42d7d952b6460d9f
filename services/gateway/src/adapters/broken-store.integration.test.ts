import { type MongoProxy, mongoProxy, testDb, testMongoUri } from '@parley/testkit'
import { type Db, MongoError } from 'mongodb'
import { describe, expect, test } from 'vitest'
import type { OutboxMessage } from '../sending/outbox.ts'
import { mongoAliases } from './mongo-aliases.ts'
import { mongoOutbox } from './mongo-outbox.ts'
import { mongoSeen } from './mongo-seen.ts'

interface Behind extends AsyncDisposable {
  readonly proxy: MongoProxy
  readonly db: Db
}

async function behindProxy(): Promise<Behind> {
  await using undo = new AsyncDisposableStack()
  const proxy = undo.use(await mongoProxy(testMongoUri()))
  const { db } = undo.use(await testDb({ uri: proxy.uri }))
  const kept = undo.move()
  return { proxy, db, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const message = (messageId: string): OutboxMessage => ({
  messageId,
  contactId: 'ana',
  accountId: 'A',
  partition: 0,
  streamVersion: 1,
  conversationId: 'conversation',
  causationId: 'event',
  traceparent: '',
  replyToProviderMessageId: '',
  content: [],
  position: 0,
})

describe.each(['command', 'answer'] as const)('a connection to the store that breaks with the %s', (lost) => {
  test('is never taken for a message that stands in the outbox, and putting it again puts it once', async () => {
    await using behind = await behindProxy()
    const outbox = await mongoOutbox(behind.db)
    const messages = [message('one'), message('two')]
    behind.proxy.breakAt('insert', lost)
    await expect(outbox.put(messages)).rejects.toThrow(MongoError)
    expect(behind.proxy.breaks).toBe(1)
    await outbox.put(messages)
    const open = await outbox.open({ partition: 0, accountId: 'A' }, -1, 10)
    expect(open.map(({ messageId, state }) => `${messageId} ${state}`).toSorted()).toEqual([
      'one pending',
      'two pending',
    ])
  })

  test('is never taken for a repeat that was remembered', async () => {
    await using behind = await behindProxy()
    const seen = await mongoSeen(behind.db)
    behind.proxy.breakAt('insert', lost)
    await expect(seen.remember(new Map([['wamid.1', 'ana']]), new Set())).rejects.toThrow(MongoError)
    await seen.remember(new Map([['wamid.1', 'ana']]), new Set())
    expect(await seen.seenOf(['wamid.1', 'wamid.2'])).toEqual(new Set(['wamid.1']))
  })

  test('is never taken for an alias that somebody else had first', async () => {
    await using behind = await behindProxy()
    const aliases = await mongoAliases(behind.db)
    const contact = { contactId: 'ana' }
    behind.proxy.breakAt('insert', lost)
    await expect(aliases.insertAbsent([['A|wa:1', contact]])).rejects.toThrow(MongoError)
    expect(await aliases.insertAbsent([['A|wa:1', contact]])).toBe(lost === 'command')
    expect(await aliases.find(['A|wa:1'])).toEqual(new Map([['A|wa:1', contact]]))
  })
})
