import { type ConversationEvent, conversations } from '@parley/conversation'
import { memoryLog, topicsOf } from '@parley/eventlog'
import { type Actor, causedId } from '@parley/kernel'
import { Chain, type Sketch } from '@parley/testkit'
import { POOL, TO_CONVERSATION, TO_POOL, type WorkforceEvent, workforces } from '@parley/workforce'
import { expect, test } from 'vitest'
import { type DecidedWish, decidedWith } from '../read-models/outcomes.ts'
import { type FamilyName, Wish, Wishes } from './wishes.ts'

const ANA: Actor = { kind: 'agent', id: 'p01' }
const RULES: Actor = { kind: 'system', id: 'rules' }
const conversation = { _id: 'c-1', contact: { id: 'contact-1' } }
const owned = { conversationId: 'c-1', agentId: 'p01' }

/** The desk's side of the log, and what the rules put there as a test has them. */
function desk() {
  const log = memoryLog({ partitions: 1 })
  const topics = { conversation: topicsOf('t', conversations), pool: topicsOf('t', workforces) }
  const stored = new Map<string, DecidedWish>()
  const decided = async (commandId: string) => stored.get(commandId) ?? null
  const wishes = new Wishes({
    log,
    topics,
    decided: { conversation: decided, pool: decided },
    positionAfter: (family, { offset }) => `${family} ${offset + 1n}`,
  })
  const streams = {
    conversation: new Chain(conversations, 'contact-1'),
    pool: new Chain(workforces, POOL),
  }
  const abort = new AbortController()
  return {
    stored,
    abort,
    said: (family: FamilyName) => log.records(topics[family].commands).length,
    wish: (id: string, isAgain = false) => new Wish(wishes, 'p01', id, { signal: abort.signal, isAgain }),
    recorded: (
      family: FamilyName,
      event: Sketch<ConversationEvent> | Sketch<WorkforceEvent> | { type: string; data?: object },
      commandId: string,
      actor: Actor = ANA,
    ) => {
      const fact = streams[family].add(event as never, { commandId, actor, correlationId: 'c-1' })
      return { ...fact, tell: () => wishes.heard(fact) }
    },
  }
}

/** @returns whether it was settled before all that is under way went on */
async function isSettled(work: Promise<unknown>): Promise<boolean> {
  let settled = false
  void work.then(
    () => (settled = true),
    () => (settled = true),
  )
  await new Promise(setImmediate)
  return settled
}

test('a wish is answered by the first event that names it as its cause, with the position right behind that event', async () => {
  const it = desk()
  const ruling = it
    .wish('hold')
    .toConversation(conversation, conversations.command('HoldConversation', owned))
  it.recorded('conversation', { type: 'HoldBegan' }, 'of somebody else').tell()
  expect(await isSettled(ruling)).toBe(false)
  it.recorded('conversation', { type: 'HoldBegan' }, 'hold').tell()
  expect(await ruling).toMatchObject({ refusal: null, position: 'conversation 2' })
  expect(it.said('conversation')).toBe(1)
})

test('a refusal names the rules as its actor and is the wisher’s all the same', async () => {
  const it = desk()
  const ruling = it
    .wish('hold')
    .toConversation(conversation, conversations.command('HoldConversation', owned))
  const refused = { code: 'NOT_THE_OWNER', fields: [{ name: 'stage', value: 'parked' }] }
  it.recorded('conversation', { type: 'CommandRefused', data: refused }, 'hold', RULES).tell()
  expect((await ruling).refusal).toEqual({ code: 'NOT_THE_OWNER', fields: { stage: 'parked' } })
})

test('what the pool gave is answered once the conversation has heard of it, and not what followed for others', async () => {
  const it = desk()
  const ruling = it
    .wish('accept')
    .toPool(workforces.command('AcceptOffer', { agentId: 'p01', offerId: 'o-1' }), {
      until: ['ConversationAssigned'],
    })
  const assigned = it.recorded('pool', { type: 'ConversationAssigned' }, 'accept')
  assigned.tell()
  it.recorded('pool', { type: 'ConversationOffered' }, 'accept', RULES).tell()
  expect(await isSettled(ruling)).toBe(false)
  const heard = causedId(assigned.envelope.eventId, TO_CONVERSATION)
  it.recorded('conversation', { type: 'ConversationAssigned' }, heard).tell()
  expect(await ruling).toMatchObject({ refusal: null, position: 'conversation 1', conversationId: 'c-1' })
})

test('what ended before the pool gave it is refused', async () => {
  const it = desk()
  const ruling = it.wish('claim').toPool(workforces.command('ClaimConversation', owned))
  const assigned = it.recorded('pool', { type: 'ConversationAssigned' }, 'claim')
  assigned.tell()
  it.recorded(
    'conversation',
    { type: 'PoolContradicted' },
    causedId(assigned.envelope.eventId, TO_CONVERSATION),
  ).tell()
  expect((await ruling).refusal).toMatchObject({ code: 'CONVERSATION_NOT_OPEN' })
})

test('what was decided before this process followed the log is found in the store, in both families, and not said again', async () => {
  const it = desk()
  const parked = it.recorded('conversation', { type: 'ConversationParked' }, 'park')
  it.stored.set('park', decidedWith(undefined, parked))
  const heard = causedId(parked.envelope.eventId, TO_POOL)
  it.stored.set(heard, decidedWith(undefined, it.recorded('pool', { type: 'ConversationParked' }, heard)))
  const command = conversations.command('ParkConversation', owned)
  expect(await it.wish('park', true).toConversation(conversation, command)).toMatchObject({
    refusal: null,
    position: 'pool 1',
  })
  expect(it.said('conversation')).toBe(0)
})

test('what came just now and is not in the store yet is known all the same', async () => {
  const it = desk()
  it.recorded('conversation', { type: 'HoldBegan' }, 'hold').tell()
  const command = conversations.command('HoldConversation', owned)
  expect((await it.wish('hold', true).toConversation(conversation, command)).refusal).toBeNull()
})

test('nobody waits for ever: when the request gives up, so does the wait', async () => {
  const it = desk()
  const ruling = it
    .wish('hold')
    .toConversation(conversation, conversations.command('HoldConversation', owned))
  expect(await isSettled(ruling)).toBe(false)
  it.abort.abort(new Error('nobody asks'))
  await expect(ruling).rejects.toThrow('nobody asks')
})
