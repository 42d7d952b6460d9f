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
