import { type Words, asBuffer } from './envelope.ts'

/**
 * Words that a rule passes on without reading them: a part of the command's content, or of an event whose words the state still
 * refers to (`Decider.keeps`).
 */
export interface WordsFrom {
  /** `command`, or the id of an event of the same stream. */
  readonly from: string
  readonly name: string
  /** Which of the parts of this name, from 0. Default: all of them, in order. */
  readonly nth?: number
  /** The name in the new event. Default: the same. */
  readonly as?: string
}

export const COMMAND = 'command'

/** Words of events that the state refers to, by `event/name`. */
export type KeptWords = ReadonlyMap<string, readonly Uint8Array[]>

export const NO_WORDS: KeptWords = new Map()

/** What is passed on as it is, or words of the company's own, which come with its policy. */
export type NewWords = WordsFrom | Words

/** A part that is not there is passed on empty, so that what refers to it by its number still finds its own. */
export function resolvedWords(
  wanted: readonly NewWords[],
  command: readonly Words[],
  kept: KeptWords,
): Words[] {
  return wanted.flatMap((words): Words[] => {
    if ('value' in words) return [words]
    const { from, name, nth, as = name } = words
    const parts =
      from === COMMAND
        ? command.filter((part) => part.name === name).map(({ value }) => value)
        : (kept.get(keyOf(from, name)) ?? [])
    const wantedParts = nth === undefined ? parts : [parts[nth] ?? new Uint8Array()]
    return (wantedParts.length === 0 && from !== COMMAND ? [new Uint8Array()] : wantedParts).map((value) => ({
      name: as,
      value: asBuffer(value),
    }))
  })
}

export interface KeptReference {
  readonly from: string
  readonly name: string
}

/** Lets go of what the state no longer refers to, and keeps what it began to refer to with this event. */
export function keptWords(
  kept: KeptWords,
  references: readonly KeptReference[],
  event: { readonly eventId: string; readonly content: readonly Words[] },
): KeptWords {
  if (references.length === 0) return NO_WORDS
  const isKnown = ({ from, name }: KeptReference) => from !== event.eventId && kept.has(keyOf(from, name))
  if (references.length === kept.size && references.every(isKnown)) return kept
  const next = new Map<string, readonly Uint8Array[]>()
  for (const { from, name } of references) {
    const key = keyOf(from, name)
    const parts =
      from === event.eventId
        ? // Copied: a part is a view into its record, which may be a view into all that was fetched with it.
          event.content.filter((part) => part.name === name).map(({ value }) => Buffer.from(value))
        : kept.get(key)
    if (parts !== undefined) next.set(key, parts)
  }
  return next
}

function keyOf(from: string, name: string): string {
  return `${from}/${name}`
}
