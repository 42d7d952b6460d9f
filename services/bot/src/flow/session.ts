import { z } from 'zod'

const value = z.union([z.string(), z.number(), z.boolean()])

/** What one question was answered with. */
const given = z.object({
  step: z.string(),
  value,
  /** The first and the last turn in which the question stood: who quotes it means this answer. */
  from: z.int(),
  to: z.int(),
  /** The messages that made it, with the words of each where several make one text. */
  messages: z.array(z.object({ id: z.string(), text: z.string() })),
})
export type Given = z.infer<typeof given>

/** What a conversation carries from turn to turn. It travels in the record, so the bot itself remembers nothing. */
const session = z.object({
  flow: z.string(),
  digest: z.string(),
  /** The question that waits for its answer. */
  step: z.string(),
  /** The first turn from which on it stands as it does now, and a digest of what it shows: an answer to what it showed before is none. */
  asked: z.object({ turn: z.int(), shows: z.string() }),
  /** The messages that were said to it and did not fit, greetings and the like too, which an edit can mend. */
  said: z.array(z.string()),
  /** The last of them, where they were a few digits each, with when each was sent; sessions before 29 November 2026 have none. */
  pieces: z.array(z.object({ id: z.string(), text: z.string(), at: z.string().optional() })).default([]),
  /** How often that was so: a burst counts once. */
  misfits: z.int().min(0),
  /** Whether somebody asked for a moment there; sessions before 28 November 2026 do not say. */
  hadMoment: z.boolean().default(false),
  /** Whether somebody called it off there, and was told how. */
  wasCalledOff: z.boolean().default(false),
  /** The option that the customer was asked about in the last turn: whether it was meant. */
  offered: z.string().default(''),
  /** In how many turns the question was said again without a try being lost. */
  idle: z.int().min(0).default(0),
  variables: z.record(z.string(), value),
  /** The answers that led here, in the order of the questions: one that is edited or deleted is looked up here. */
  answers: z.array(given),
  /** Later answers that hold again once the question is answered: it was asked before, and its answer was taken back. */
  kept: z.array(given),
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
