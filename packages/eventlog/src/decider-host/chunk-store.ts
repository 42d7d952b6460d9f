import { type Chunk, TABLE_CHUNKS, Table } from '@parley/kernel'
import type { AnyBulkWriteOperation, Collection, Long } from 'mongodb'
import { Slices } from './slices.ts'

/** A table in the header of its stream: for each chunk, in which of its two documents it stands (`0`, `1`), or that it is empty (`-`). */
export interface TableSlots {
  readonly name: string
  readonly slots: string
}

export interface ChunkDocument {
  /** `<stream>/<table>/<chunk>/<slot>` */
  _id: string
  epoch: Long
  /** JSON of [keys, values]. */
  chunk: string
}

const NO_SLOTS = '-'.repeat(TABLE_CHUNKS)
const READ_AT_ONCE = 64
/** What the driver turns into one message without a pause. */
const BULK_CHARACTERS = 131_072

interface KeptTable {
  readonly slots: string
  /** What stands in those documents; nothing is known of them after a write that failed. */
  readonly chunks: readonly Chunk[] | undefined
}

/**
 * The tables of streams, a document a chunk, of which a snapshot writes those that changed. Each chunk has two documents, and is written
 * into the one that the stream's header does not refer to: whoever dies in the middle leaves the former snapshot whole. A writer must
 * have taken the header before (`SnapshotStore`), or an older one could refer to what this one writes over.
 */
export class ChunkStore {
  readonly #documents: Collection<ChunkDocument>
  readonly #kept = new Map<string, ReadonlyMap<string, KeptTable>>()

  constructor(documents: Collection<ChunkDocument>) {
    this.#documents = documents
  }

  knows(streamId: string): boolean {
    return this.#kept.has(streamId)
  }

  /** The header of the stream refers to these. Without tables: what stands in them is not known. */
  refersTo(
    streamId: string,
    headers: readonly TableSlots[],
    tables?: ReadonlyMap<string, Table<unknown>>,
  ): void {
    this.#kept.set(
      streamId,
      new Map(headers.map(({ name, slots }) => [name, { slots, chunks: tables?.get(name)?.chunks }])),
    )
  }

  /** The stream left memory, or it is not known what its header refers to. */
  forget(streamId: string): void {
    this.#kept.delete(streamId)
  }

  async read(streamId: string, headers: readonly TableSlots[]): Promise<ReadonlyMap<string, Table<unknown>>> {
    const slices = new Slices()
    const tables = new Map<string, Table<unknown>>()
    for (const { name, slots } of headers) {
      const places = new Map<string, number>()
      for (const [at, slot] of [...slots].entries())
        if (slot !== '-') places.set(idOf(streamId, name, at, slot), at)
      const chunks: [number, Chunk][] = []
      const ids = [...places.keys()]
      for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
        const wanted = ids.slice(start, start + READ_AT_ONCE)
        const found = await this.#documents.find({ _id: { $in: wanted } }).toArray()
        if (found.length < wanted.length)
          throw new Error(
            `The snapshot of stream ${streamId} lacks chunks of its table ${name}: drop the snapshot collections of this version.`,
          )
        for (const { _id, chunk } of found) {
          const [keys, values] = JSON.parse(chunk) as [string[], unknown[]]
          chunks.push([places.get(_id)!, { keys, values }])
          await slices.pause()
        }
      }
      tables.set(name, Table.ofChunks(chunks))
    }
    this.refersTo(streamId, headers, tables)
    return tables
  }

  /** Writes what changed since the last header, and gives what the next header is to say. */
  async write(
    streamId: string,
    tables: ReadonlyMap<string, Table<unknown>>,
    epoch: Long,
  ): Promise<readonly TableSlots[]> {
    const slices = new Slices()
    const headers: TableSlots[] = []
    let bulk: AnyBulkWriteOperation<ChunkDocument>[] = []
    let characters = 0
    const flush = async () => {
      if (bulk.length > 0) await this.#documents.bulkWrite(bulk, { ordered: false })
      bulk = []
      characters = 0
    }
    for (const [name, { chunks }] of tables) {
      const kept = this.#kept.get(streamId)?.get(name) ?? { slots: NO_SLOTS, chunks: undefined }
      let slots = ''
      for (const [at, { keys, values }] of chunks.entries()) {
        const before = kept.slots[at]!
        const isKept = kept.chunks?.[at] === chunks[at]
        const slot = keys.length === 0 ? '-' : isKept ? before : before === '0' ? '1' : '0'
        slots += slot
        if (isKept || slot === '-') continue
        const chunk = JSON.stringify([keys, values])
        bulk.push({
          updateOne: {
            filter: { _id: idOf(streamId, name, at, slot), epoch: { $lte: epoch } },
            update: { $set: { epoch, chunk } },
            upsert: true,
          },
        })
        if ((characters += chunk.length) >= BULK_CHARACTERS) await flush()
        await slices.pause()
      }
      headers.push({ name, slots })
    }
    await flush()
    return headers
  }
}

function idOf(streamId: string, table: string, at: number, slot: string): string {
  return `${streamId}/${table}/${at}/${slot}`
}
