import { z } from 'zod'

/** What a conversation carries from turn to turn. It travels in the record, so the bot itself remembers nothing. */
const session = z.object({
  flow: z.string(),
  digest: z.string(),
  /** The question that waits for its answer. */
  step: z.string(),
  /** Answers to it so far that did not fit. */
  misfits: z.int().min(0),
  variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type Session = z.infer<typeof session>

/** @returns undefined for a session that no flow of ours wrote. */
export function readSession(text: string): Session | undefined {
  try {
    return session.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export const writeSession = (value: Session): string => JSON.stringify(value)
