import { z } from 'zod'
import { momentOf } from '../../audit/entries.ts'

/** A time of a query, as ISO 8601 UTC; a date alone is the company's. Undefined where none is named. */
export const momentIn = (timeZone: string) =>
  z
    .string()
    .transform((text, context) => {
      const at = momentOf(text, timeZone)
      if (at !== undefined) return at.toISOString()
      context.addIssue({ code: 'custom', message: 'it is no time of ISO 8601, such as 2026-03-02T12:00:00Z' })
      return z.NEVER
    })
    .optional()
