import * as z from 'zod/mini'

export const Figure = z.object({
  metric: z.string(),
  version: z.number(),
  unit: z.enum(['percent', 'seconds', 'count', 'ratio']),
  rows: z.array(
    z.object({
      key: z.string(),
      /** When its window begins, ISO 8601 UTC. */
      from: z.string(),
      /** Null: nothing to divide by. */
      value: z.nullable(z.number()),
      numerator: z.number(),
      /** Null: it is a count. */
      denominator: z.nullable(z.number()),
    }),
  ),
  position: z.string(),
})
export type Figure = z.infer<typeof Figure>
