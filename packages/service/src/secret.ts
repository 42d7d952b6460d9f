import { readFileSync } from 'node:fs'
import { z } from 'zod'

const EXAMPLE =
  /^(change[-_ ]?me|replace[-_ ]?me|your[-_ ]|example|placeholder|secret$|password|local-(app-secret|verify-token|access-token)$)/i
const DIFFERENT_CHARACTERS_MIN = 6

/** Never empty, short, monotonous or from an example: whoever guesses it is who it lets in. */
export function secretText(charactersMin: number) {
  return z
    .string()
    .min(charactersMin, `it is shorter than ${charactersMin} characters`)
    .refine((text) => !EXAMPLE.test(text), 'it is an example, which everybody can read')
    .refine((text) => new Set(text).size >= DIFFERENT_CHARACTERS_MIN, 'it repeats a few characters')
}

/** The value of a secret, or of the file that `<variable>_FILE` names, which no list of processes and no `docker inspect` shows. */
export function secretFrom(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const value = env[variable]?.trim()
  if (value !== undefined && value !== '') return value
  const file = env[`${variable}_FILE`]?.trim()
  if (file === undefined || file === '') return undefined
  let content: string
  try {
    content = readFileSync(file, 'utf8').trim()
  } catch {
    throw new Error(`the file that ${variable}_FILE names cannot be read`)
  }
  return content === '' ? undefined : content
}

/**
 * What secrets begin with that were made for the simulator. The simulator takes no others, since it signs whatever it is sent; the gateway
 * sends no others over plain http to another machine.
 */
export const SIMULATED = 'simulated-'

export function isSimulated(secret: string): boolean {
  return secret.startsWith(SIMULATED)
}
