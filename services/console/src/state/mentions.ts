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

/** Who may be meant; nobody once a name stands there whole. */
export function meantBy<Colleague extends { readonly name: string }>(
  { wanted }: BegunMention,
  colleagues: readonly Colleague[],
): readonly Colleague[] {
  const sought = plain(wanted)
  if (colleagues.some(({ name }) => plain(name) === sought)) return []
  return colleagues.filter(({ name }) => ` ${plain(name)}`.includes(` ${sought}`)).slice(0, OFFERED_MAX)
}
