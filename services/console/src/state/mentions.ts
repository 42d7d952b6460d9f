import { plain } from './plain.ts'

/** The name that is being written behind an `@`. */
interface BegunMention {
  /** Where its `@` stands. */
  readonly from: number
  readonly wanted: string
}

export function mentionBegun(text: string, caret: number): BegunMention | undefined {
  // Not in an address: only where a word may begin.
  const wanted = /(?:^|\s)@([^@\n]{0,60})$/u.exec(text.slice(0, caret))?.[1]
  return wanted === undefined ? undefined : { from: caret - wanted.length - 1, wanted }
}

const OFFERED_MAX = 6

/** Who may be meant; nobody once a name stands there whole, as it is written: only then is its colleague called. */
export function meantBy<Colleague extends { readonly name: string }>(
  { wanted }: BegunMention,
  colleagues: readonly Colleague[],
): readonly Colleague[] {
  if (colleagues.some(({ name }) => name === wanted.trimEnd())) return []
  const sought = plain(wanted)
  return colleagues.filter(({ name }) => ` ${plain(name)}`.includes(` ${sought}`)).slice(0, OFFERED_MAX)
}

/** Who is called by a note: at each `@` whoever has the longest name that stands there. */
export function mentionedIn<Colleague extends { readonly name: string }>(
  note: string,
  colleagues: readonly Colleague[],
): readonly Colleague[] {
  const longestFirst = colleagues.map(({ name }) => name).toSorted((one, other) => other.length - one.length)
  const called = new Set(
    [...note.matchAll(/@/gu)].map(({ index }) =>
      longestFirst.find((name) => note.startsWith(name, index + 1)),
    ),
  )
  return colleagues.filter(({ name }) => called.has(name))
}
