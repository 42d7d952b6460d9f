import { type Collection, type Db, MongoServerError } from 'mongodb'

type Doc = { readonly _id: string } & Readonly<Record<string, unknown>>
type Query = Readonly<Record<string, unknown>>

/** As much of MongoDB as the agent service's stores ask of it, in memory. What is not written here throws: nobody passes a test by it. */
export class Collections {
  readonly #collections = new Map<string, MemoryCollection>()

  collection(name: string): MemoryCollection {
    const known = this.#collections.get(name) ?? new MemoryCollection()
    this.#collections.set(name, known)
    return known
  }

  /** As the stores take it. */
  get db(): Db {
    return { collection: (name: string) => this.collection(name) as unknown as Collection } as unknown as Db
  }
}

export class MemoryCollection {
  readonly documents = new Map<string, Doc>()

  async createIndex(): Promise<void> {}

  async createIndexes(): Promise<void> {}

  find(query: Query = {}): Found {
    return new Found(this.#matching(query))
  }

  async findOne(query: Query): Promise<Doc | null> {
    return this.#matching(query)[0] ?? null
  }

  async countDocuments(query: Query): Promise<number> {
    return this.#matching(query).length
  }

  async insertOne(document: Doc): Promise<void> {
    if (this.documents.has(document._id)) throw new MongoServerError({ code: 11_000 })
    this.documents.set(document._id, document)
  }

  async updateOne(
    query: Query,
    update: Update,
    { upsert = false } = {},
  ): Promise<{ readonly matchedCount: number }> {
    const [known] = this.#matching(query)
    const found = known ?? (upsert ? ({ _id: query['_id'] } as Doc) : undefined)
    if (found !== undefined) this.documents.set(found._id, updated(found, update))
    return { matchedCount: known === undefined ? 0 : 1 }
  }

  async findOneAndUpdate(query: Query, update: Update): Promise<Doc | null> {
    const found = await this.findOne(query)
    if (found !== null) this.documents.set(found._id, updated(found, update))
    return found
  }

  async deleteOne(query: Query): Promise<void> {
    const found = this.#matching(query)[0]
    if (found !== undefined) this.documents.delete(found._id)
  }

  #matching(query: Query): Doc[] {
    const { _id: id } = query
    const ids = typeof id === 'string' ? [id] : (id as { readonly $in?: readonly string[] } | undefined)?.$in
    const looked = ids?.flatMap((one) => this.documents.get(one) ?? []) ?? [...this.documents.values()]
    return looked.filter((document) => matches(document, query))
  }
}

class Found {
  #documents: Doc[]

  constructor(documents: Doc[]) {
    this.#documents = documents
  }

  sort(order: Readonly<Record<string, 1 | -1>>): this {
    this.#documents = this.#documents.toSorted((one, other) => {
      for (const [path, direction] of Object.entries(order)) {
        const compared = compare(at(one, path), at(other, path))
        if (compared !== 0) return compared * direction
      }
      return 0
    })
    return this
  }

  limit(count: number): this {
    this.#documents = this.#documents.slice(0, count)
    return this
  }

  /** All of each comes: whoever asked for a part of it looks at no other. */
  project(): this {
    return this
  }

  async toArray(): Promise<Doc[]> {
    return this.#documents
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Doc> {
    yield* this.#documents
  }
}

interface Update {
  readonly $set?: object
  readonly $max?: Readonly<Record<string, number>>
}

function updated(document: Doc, { $set, $max = {}, ...others }: Update): Doc {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new Error(`Nobody wrote here what ${unknown} does.`)
  const highest = Object.entries($max).map(([path, value]) => [
    path,
    Math.max(value, Number(document[path] ?? value)),
  ])
  return { ...Object.entries($set ?? {}).reduce(withField, document), ...Object.fromEntries(highest) } as Doc
}

/** `settings.language` is a field of what stands under `settings`; deeper than that nobody writes. */
function withField(document: Doc, [path, value]: readonly [string, unknown]): Doc {
  const [name = '', field, ...deeper] = path.split('.')
  if (deeper.length > 0) throw new TypeError(`${path} lies deeper than this goes.`)
  if (field === undefined) return { ...document, [name]: value }
  return { ...document, [name]: { ...(document[name] as object | undefined), [field]: value } }
}

function matches(document: unknown, query: Query): boolean {
  return Object.entries(query).every(([path, wanted]) => {
    if (path === '$and') return (wanted as readonly Query[]).every((each) => matches(document, each))
    if (path === '$or') return (wanted as readonly Query[]).some((each) => matches(document, each))
    const value = at(document, path)
    return isOperators(wanted)
      ? Object.entries(wanted).every(([operator, operand]) => holds(operator, value, operand, wanted))
      : isEqual(value, wanted)
  })
}

const isOperators = (wanted: unknown): wanted is Query =>
  typeof wanted === 'object' && wanted !== null && Object.keys(wanted).some((key) => key.startsWith('$'))

function holds(operator: string, value: unknown, operand: unknown, whole: Query): boolean {
  switch (operator) {
    case '$in':
      return (operand as readonly unknown[]).some((each) => isEqual(value, each))
    case '$ne':
      return !isEqual(value, operand)
    case '$gt':
      return compare(value, operand) > 0
    case '$gte':
      return compare(value, operand) >= 0
    case '$lt':
      return compare(value, operand) < 0
    case '$lte':
      return compare(value, operand) <= 0
    case '$exists':
      return (value !== undefined) === operand
    case '$elemMatch':
      return Array.isArray(value) && value.some((each) => matches(each, operand as Query))
    case '$regex': {
      const { $options = '' } = whole as { readonly $options?: string }
      return typeof value === 'string' && new RegExp(String(operand), `${$options}u`).test(value)
    }
    case '$options':
      return true
    default:
      throw new Error(`Nobody wrote here what ${operator} asks.`)
  }
}

/** What is absent equals null, as in MongoDB. */
const isEqual = (value: unknown, wanted: unknown): boolean => (value ?? null) === wanted

const at = (document: unknown, path: string): unknown =>
  path.split('.').reduce((part, key) => (part as Query | null | undefined)?.[key], document)

const compare = (one: unknown, other: unknown): number => {
  const [a, b] = [one, other] as readonly [number, number]
  return a < b ? -1 : a > b ? 1 : 0
}
