import type { Db } from 'mongodb'
import type { Raw } from './facts.ts'

/** The records of one topic, as the raw archive keeps them. Its ids sort as the log does. */
export async function* rawRecords(db: Db, topic: string): AsyncGenerator<Raw> {
  const found = db
    .collection<Raw & { readonly _id: string }>('raw_records', { promoteBuffers: true })
    .find({ _id: { $gte: `${topic}:`, $lt: `${topic};` } })
    .sort({ _id: 1 })
  yield* found
}

/** By partition of a topic: all records below that offset are kept. */
export async function rawHeads(db: Db, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const heads = await db
    .collection<{ readonly _id: string; readonly offset: number }>('raw_heads')
    .find({ _id: { $gte: `${topic}:`, $lt: `${topic};` } })
    .toArray()
  return new Map(heads.map(({ _id, offset }) => [Number(_id.slice(topic.length + 1)), BigInt(offset)]))
}
