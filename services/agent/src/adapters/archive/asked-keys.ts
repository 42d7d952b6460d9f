import { z } from 'zod'

const KEY = z.string().max(120)

/** Of a dimension of figures, one or several; none, or an empty one alone: of all. */
export const askedKeys = z
  .union([KEY, z.array(KEY).max(100)])
  .default([])
  .transform((key) => [key].flat().filter((one) => one !== ''))
  .describe('of that dimension, one or several; all of it where none is named')
