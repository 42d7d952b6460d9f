import { createHash, randomInt } from 'node:crypto'
import { z } from 'zod'

const probability = z.number().min(0).max(1)

const faultsSchema = z.strictObject({
  /** A webhook goes out twice. */
  duplicate: probability.optional(),
  /** A webhook is held back until a later one of the same customer has overtaken it. */
  reorder: probability.optional(),
  /** The call is accepted and statuses go out, but the connection is cut with no answer. */
  dropAnswer: probability.optional(),
  /** The status webhook goes out, and is answered, before the call is. */
  statusesFirst: probability.optional(),
  /** Every answer to a send waits this long. */
  delayMs: z.number().int().min(0).max(600_000).optional(),
  /** The call is refused with this error. */
  error: z
    .strictObject({
      rate: probability,
      status: z.number().int().min(400).max(599).optional(),
      code: z.number().int().min(0).optional(),
    })
    .optional(),
  /** Only for this customer: a wa_id or a BSUID. */
  waId: z.string().min(1).optional(),
  seed: z.number().int().optional(),
})

export type Faults = z.infer<typeof faultsSchema>
type FaultKind = 'duplicate' | 'reorder' | 'dropAnswer' | 'statusesFirst' | 'error'

/** Reads the body of `POST /_sim/faults`; problems name the field and what is wrong with it. */
export const readFaults = (
  body: unknown,
): { readonly faults: Faults } | { readonly problems: readonly string[] } => {
  const parsed = faultsSchema.safeParse(body)
  return parsed.success
    ? { faults: parsed.data }
    : {
        problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'faults'}: ${message}`),
      }
}

/** A number in [0, 1) that depends on nothing but these words. */
const draw = (...words: readonly (string | number)[]): number =>
  createHash('sha256').update(words.join('\u0000')).digest().readUInt32BE(0) / 2 ** 32

/**
 * Decides which fault strikes. The n-th decision of one kind for one customer depends only on the seed, the
 * kind, the customer and n: the same test run strikes the same messages, however customers interleave.
 */
export const faultPlan = (faults: Faults, customerKeyOf: (id: string) => string) => {
  const seed = faults.seed ?? randomInt(2 ** 31)
  const only = faults.waId === undefined ? undefined : customerKeyOf(faults.waId)
  const decisions = new Map<string, number>()

  const concerns = (customerKey: string): boolean => only === undefined || only === customerKey
  const rateOf = (kind: FaultKind): number => (kind === 'error' ? faults.error?.rate : faults[kind]) ?? 0

  return {
    seed,
    settings: faults,
    strikes: (kind: FaultKind, customerKey: string): boolean => {
      const rate = rateOf(kind)
      if (rate === 0 || !concerns(customerKey)) return false
      const counter = `${kind}/${customerKey}`
      const n = decisions.get(counter) ?? 0
      decisions.set(counter, n + 1)
      return draw(seed, counter, n) < rate
    },
    delayMs: (customerKey: string): number => (concerns(customerKey) ? (faults.delayMs ?? 0) : 0),
  }
}

export type FaultPlan = ReturnType<typeof faultPlan>
