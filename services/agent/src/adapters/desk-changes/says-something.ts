import type { z } from 'zod'

/** Something of it is seen: not spaces, joiners and fillers (U+3164) alone. */
const SEEN = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u
export const saysSomething = (text: z.ZodString) => text.regex(SEEN, { error: 'it is empty' })
