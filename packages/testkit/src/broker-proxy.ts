import { tcpProxy } from './tcp-proxy.ts'

const PRODUCE = 0
const FETCH = 1
const METADATA = 3

/** What happens to one exchange: it passes; its answer is lost and the connection cut, behind or in the middle; it never reaches the broker. */
type Fate = 'pass' | 'lose answer' | 'half answer' | 'lose request'
export type BrokerApi = 'produce' | 'fetch' | 'other'

export interface BrokerProxy extends AsyncDisposable {
  readonly broker: string
  /** Asked for each exchange, in the order of the requests. */
  fate: (api: BrokerApi) => Fate
  /** The error that the answer to a produce request gives for a partition, instead of the broker's word; 0: the broker's. */
  produceError: (topic: string, partition: number) => number
  /** The same in the answers to fetches. */
  fetchError: (topic: string, partition: number) => number
  /** In the answers to fetches the records from this offset on have the next one: one is missing. */
  holeAt: number | undefined
  /** So many answers to fetches of one partition know of no record yet: their leader was just chosen. */
  answersBehind: number
  /** Answers come once it is over. */
  answersAfter: Promise<void> | undefined
  /** Down: connections are cut, new ones refused. */
  isDown: boolean
}

/**
 * For tests: a TCP proxy before a real broker that reads Kafka's frames, so that a test can lose one answer of one kind.
 * Clients stay behind it because it writes its own port into the metadata that the broker answers.
 */
export async function brokerProxy(broker: string): Promise<BrokerProxy> {
  const [host, port] = broker.split(':') as [string, string]
  let isDown = false

  const behind = await tcpProxy(host, Number(port), ({ client, upstream, cut }) => {
    if (isDown) return cut()
    const asked = new Map<number, { apiKey: number; version: number; fate: Fate }>()
    client.on(
      'data',
      byFrame((frame) => {
        const apiKey = frame.readInt16BE(4)
        const fate = proxy.fate(apiKey === PRODUCE ? 'produce' : apiKey === FETCH ? 'fetch' : 'other')
        asked.set(frame.readInt32BE(8), { apiKey, version: frame.readInt16BE(6), fate })
        if (fate === 'lose request') cut()
        else upstream.write(frame)
      }),
    )
    upstream.on(
      'data',
      byFrame((frame) => {
        const { apiKey, version, fate } = asked.get(frame.readInt32BE(4))!
        asked.delete(frame.readInt32BE(4))
        if (fate === 'lose answer') return cut()
        if (fate === 'half answer') {
          client.write(frame.subarray(0, Math.max(5, frame.length >> 1)), () => {
            // A reset, not an end: kafkajs then uses the same connection object again.
            setTimeout(() => {
              client.resetAndDestroy()
              upstream.destroy()
            }, 20)
          })
          return
        }
        if (apiKey === PRODUCE) writeErrors(frame, (...of) => proxy.produceError(...of))
        if (apiKey === FETCH) writeFetchErrors(frame, (...of) => proxy.fetchError(...of))
        if (apiKey === FETCH && proxy.holeAt !== undefined) writeHole(frame, proxy.holeAt)
        if (apiKey === FETCH && proxy.answersBehind > 0) {
          proxy.answersBehind -= 1
          writeNothing(frame)
        }
        if (apiKey === METADATA) writePort(frame, version, behind.port)
        const { answersAfter } = proxy
        if (answersAfter === undefined) client.write(frame)
        else void answersAfter.then(() => client.write(frame))
      }),
    )
  })

  const proxy: BrokerProxy = {
    broker: `127.0.0.1:${behind.port}`,
    fate: () => 'pass',
    produceError: () => 0,
    fetchError: () => 0,
    holeAt: undefined,
    answersBehind: 0,
    answersAfter: undefined,
    get isDown() {
      return isDown
    },
    set isDown(down: boolean) {
      isDown = down
      if (down) behind.cutAll()
    },
    [Symbol.asyncDispose]: () => behind[Symbol.asyncDispose](),
  }
  return proxy
}

/** Each frame whole, with its length before it. */
function byFrame(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      const frame = Buffer.from(rest.subarray(0, end))
      rest = rest.subarray(end)
      take(frame)
    }
  }
}

/** https://kafka.apache.org/protocol#The_Messages_Metadata: [throttle from version 3], then the brokers: id, host, port, rack. */
function writePort(frame: Buffer, version: number, port: number): void {
  let at = 8 + (version >= 3 ? 4 : 0)
  const brokers = frame.readInt32BE(at)
  at += 4
  for (let index = 0; index < brokers; index += 1) {
    at += 4
    at += 2 + frame.readInt16BE(at)
    frame.writeInt32BE(port, at)
    at += 4
    at += 2 + Math.max(frame.readInt16BE(at), 0)
  }
}

/** https://kafka.apache.org/protocol#The_Messages_Produce, version 7: per partition its number, error, and three numbers of 8 bytes. */
function writeErrors(frame: Buffer, errorOf: (topic: string, partition: number) => number): void {
  let at = 12
  for (let topics = frame.readInt32BE(8); topics > 0; topics -= 1) {
    const topic = frame.toString('utf8', at + 2, at + 2 + frame.readInt16BE(at))
    at += 2 + frame.readInt16BE(at)
    const partitions = frame.readInt32BE(at)
    at += 4
    for (let index = 0; index < partitions; index += 1) {
      const error = errorOf(topic, frame.readInt32BE(at))
      if (error !== 0) {
        frame.writeInt16BE(error, at + 4)
        frame.writeBigInt64BE(-1n, at + 6)
      }
      at += 30
    }
  }
}

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 11: per partition its number and error, and the record batches that were read of it. */
function* fetchedIn(frame: Buffer) {
  let at = 22
  for (let topics = frame.readInt32BE(18); topics > 0; topics -= 1) {
    const topic = frame.toString('utf8', at + 2, at + 2 + frame.readInt16BE(at))
    at += 2 + frame.readInt16BE(at)
    const partitions = frame.readInt32BE(at)
    at += 4
    for (let index = 0; index < partitions; index += 1) {
      const lengthAt = at + 34 + Math.max(frame.readInt32BE(at + 30), 0) * 16 + 4
      const batches = lengthAt + 4
      const end = batches + Math.max(frame.readInt32BE(lengthAt), 0)
      yield { topic, partition: frame.readInt32BE(at), errorAt: at + 4, batches, end }
      at = end
    }
  }
}

/** The first offset of a record batch is no part of its checksum. */
function writeHole(frame: Buffer, first: number): void {
  for (const { batches, end } of fetchedIn(frame))
    for (let at = batches; at + 12 <= end; at += 12 + frame.readInt32BE(at + 8)) {
      const offset = frame.readBigInt64BE(at)
      if (offset >= first) frame.writeBigInt64BE(offset + 1n, at)
    }
}

function writeFetchErrors(frame: Buffer, errorOf: (topic: string, partition: number) => number): void {
  for (const { topic, partition, errorAt } of fetchedIn(frame)) {
    const error = errorOf(topic, partition)
    if (error !== 0) frame.writeInt16BE(error, errorAt)
  }
}

/** Of the first partition: nothing may be read. What is behind the length is passed over. */
function writeNothing(frame: Buffer): void {
  const partition = 22 + 2 + frame.readInt16BE(22) + 4
  frame.writeBigInt64BE(0n, partition + 6)
  frame.writeInt32BE(0, partition + 34 + Math.max(frame.readInt32BE(partition + 30), 0) * 16 + 4)
}
