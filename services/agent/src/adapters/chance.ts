import { createHash, randomBytes } from 'node:crypto'

/** What nobody can guess: 256 bits, which are also enough for PKCE's verifier (RFC 7636, 4.1). */
export const chance = (): string => randomBytes(32).toString('base64url')

/** Whether a text may come from `chance`. */
export const isChance = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)

/** What is stored of it, SHA-256 in hex: whoever reads the database can use none. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
