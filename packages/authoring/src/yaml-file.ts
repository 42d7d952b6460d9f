import {
  type Alias,
  type Document,
  LineCounter,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from 'yaml'

/** Keys and indexes, from the root down. */
export type YamlPath = readonly PropertyKey[]

interface Place {
  readonly line: number
  readonly column: number
}

interface Mistake extends Place {
  readonly message: string
}

/** They stand for no more than so many times what is written: a few lines of a "billion laughs" would fill the memory. */
const ALIASES_MAX = 100

/** A YAML text that knows where each of its parts stands. Lines and columns begin at 1. */
export class YamlFile {
  readonly #lines = new LineCounter()
  readonly #document: Document
  readonly #source: string

  constructor(source: string) {
    this.#source = source
    this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false })
  }

  /** What is no YAML: when there is any, the content is not to be used. */
  get errors(): readonly Mistake[] {
    const { errors } = this.#document
    if (errors.length === 0) return this.#aliasMistakes()
    const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT')
    // Whatever stands behind a tab seems to be wrong too.
    return (tabs.length > 0 ? tabs : errors).map(({ pos, code, message }) => ({
      ...this.#at(pos[0]),
      message:
        code === 'BLOCK_IN_FLOW'
          ? `${message}: a bracket is left open, or a text with a colon stands without quotes`
          : message,
    }))
  }

  get warnings(): readonly Mistake[] {
    return this.#document.warnings.map(({ pos, message }) => ({ ...this.#at(pos[0]), message }))
  }

  /** As plain values, where there are no errors. */
  content(): unknown {
    return this.#document.toJS({ maxAliasCount: ALIASES_MAX })
  }

  /** What no parser complains of: it is found where aliases are put in. */
  #aliasMistakes(): readonly Mistake[] {
    try {
      this.content()
      return []
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error
      const aliases: Alias[] = []
      visit(this.#document, { Alias: (_, alias) => void aliases.push(alias) })
      const unknown = aliases.find((alias) => alias.resolve(this.#document) === undefined)
      return [{ ...this.#at(startOf(unknown ?? aliases[0]) ?? 0), message: error.message }]
    }
  }

  /** Where the part begins, by its key or by its value; where it is missing, the innermost part around it that is there. */
  placeOf(path: YamlPath, by: 'key' | 'value' = 'key'): Place {
    let node: unknown = this.#document.contents
    let offset = startOf(node) ?? 0
    for (const [index, step] of path.entries()) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
        if (pair === undefined) break
        const wanted = by === 'value' && index === path.length - 1 ? pair.value : pair.key
        offset = startOf(wanted) ?? startOf(pair.key) ?? offset
        node = pair.value
      } else if (isSeq(node)) {
        node = node.items[Number(step)]
        offset = startOf(node) ?? offset
      } else break
    }
    return this.#at(offset)
  }

  /** Where a pattern stands in the texts of the file, and never in its comments. @param pattern with the flag g */
  matches(pattern: RegExp): readonly (Place & { readonly match: RegExpExecArray })[] {
    const found: (Place & { match: RegExpExecArray })[] = []
    visit(this.#document, {
      Scalar: (_, { type, value, range }) => {
        if (typeof value !== 'string' || !range) return
        // What stands beside `|` may be a comment.
        const begin = type?.startsWith('BLOCK') ? this.#source.indexOf('\n', range[0]) : range[0]
        for (const match of this.#source.slice(begin, range[1]).matchAll(pattern))
          found.push({ match, ...this.#at(begin + match.index) })
      },
    })
    return found
  }

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
