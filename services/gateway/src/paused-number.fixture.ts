// A process of its own, with a small heap: it takes over what waits for a paused number, more is asked for meanwhile, and then the number works
// again. The store works its messages out instead of keeping them, so that what the heap holds is the sender's. Argument: how many wait. Says what it saw as JSON.
import { contentOf } from '@parley/conversation'
import { HELD } from './sending/backlog.ts'
import type { OfContact, Outbox, OutboxState, Shelf, StoredOutboxMessage } from './sending/outbox.ts'
import { Sender } from './sending/sender.ts'

const PARTITIONS = 12
const CONTACTS = 50_000
const CALLS_WANTED = 100_000

class WorkedOutOutbox implements Outbox {
  count: number
  readonly #states = new Map<number, OutboxState>()

  constructor(count: number) {
    this.count = count
  }

  message(index: number): StoredOutboxMessage {
    const contact = index % CONTACTS
    const messageId = String(index)
    return {
      messageId,
      contactId: `contact ${contact}`,
      accountId: 'A',
      partition: contact % PARTITIONS,
      streamVersion: Math.floor(index / CONTACTS) + 1,
      conversationId: 'conversation',
      causationId: 'event',
      traceparent: '',
      position: index,
      replyToProviderMessageId: '',
      content: contentOf({
        messages: [{ body: { $case: 'text', value: { text: `${messageId} ${'x'.repeat(1_000)}` } } }],
      }),
      state: this.#states.get(index) ?? 'pending',
      attempt: 1,
      tries: 0,
      attemptId: '',
      attemptAt: 0,
      outcome: undefined,
    }
  }

  async put(): Promise<void> {}

  async change({ messageId, from, to }: Parameters<Outbox['change']>[0]): Promise<boolean> {
    const index = Number(messageId)
    if (!from.includes(this.#states.get(index) ?? 'pending')) return false
    this.#states.set(index, to)
    return true
  }

  async load(messageId: string): Promise<StoredOutboxMessage> {
    return this.message(Number(messageId))
  }

  async *begun(): AsyncIterable<StoredOutboxMessage> {}

  async backlogs(partitions: readonly number[]): Promise<readonly Shelf[]> {
    return partitions.map((partition) => ({ partition, accountId: 'A' }))
  }

  async open(of: Shelf | OfContact, after: number, limit: number): Promise<StoredOutboxMessage[]> {
    const page: StoredOutboxMessage[] = []
    for (let index = after + 1; index < this.count && page.length < limit; index++) {
      const contact = index % CONTACTS
      if ('contactId' in of ? of.contactId !== `contact ${contact}` : of.partition !== contact % PARTITIONS)
        continue
      if (this.#states.get(index) !== 'done') page.push(this.message(index))
    }
    return page
  }
}

const waiting = Number(process.argv[2])
const outbox = new WorkedOutOutbox(waiting)
const versions = new Uint8Array(CONTACTS)
const ended = Promise.withResolvers<void>()
const paused = Promise.withResolvers<void>()
let calls = 0
let outOfOrder = 0
let heldMax = 0
let heapMax = 0
let isMended = false

const sender = new Sender(
  {
    outbox,
    receipts: { latestCall: async () => 0 },
    channelFile: async () => ({ outcome: 'later' }),
    addressOf: async () => ({ waId: '1', userId: '', parentUserId: '' }),
    async call(_, body) {
      // Calls take their time, so that the event loop turns between them.
      await new Promise((resolve) => setImmediate(resolve))
      if (!isMended) return { outcome: 'answered', status: 401, json: { error: { code: 190 } } }
      const index = Number(body['biz_opaque_callback_data'])
      const contact = index % CONTACTS
      versions[contact]!++
      if (versions[contact] !== Math.floor(index / CONTACTS) + 1) outOfOrder++
      heldMax = Math.max(heldMax, sender.held)
      if (++calls % 1_000 === 0) heapMax = Math.max(heapMax, process.memoryUsage().heapUsed)
      if (calls === CALLS_WANTED) ended.resolve()
      return { outcome: 'answered', status: 200, json: { messages: [{ id: `wamid.${index}` }] } }
    },
    append: async () => {},
    traced: (_, work) => work(),
    now: Date.now,
    newId: () => '',
    alarm: (code) => {
      if (code === 'CHANNEL_PAUSED') paused.resolve()
    },
    trouble: (_, error) => ended.reject(error),
  },
  {
    perSecond: () => 1_000_000,
    pair: { burst: 100, perSecond: 100 },
    attemptsMax: 256,
    probeEveryMs: 100,
    callTimeoutMs: 15_000,
    resendAfterMs: 20_000,
    receiptWaitMs: 30_000,
    held: HELD,
  },
)

await sender.own(
  Array.from({ length: PARTITIONS }, (_, partition) => partition),
  PARTITIONS,
)
await paused.promise
while (outbox.count < waiting + 20_000) {
  const messages = Array.from({ length: 1_000 }, (_, each) => outbox.message(outbox.count + each))
  outbox.count += messages.length
  await sender.add(messages)
  heldMax = Math.max(heldMax, sender.held)
}
isMended = true
await ended.promise
process.stdout.write(JSON.stringify({ calls, outOfOrder, heldMax, heapMax }))
process.exit()
