import type { BodyBudget } from './webhook-bodies.ts'

/** What bodies of webhooks may take. @param bytesMax of all that are being read */
export const bodiesBudget = (bytesMax: number): BodyBudget => ({
  bytesMax,
  smallBytesMax: 64 * 1024,
  smallShareBytes: bytesMax / 4,
  stillMs: 10_000,
  // So much that no signed body needs it, so little that to keep 16 MiB with ever new ones takes 64 MiB a second.
  graceWhereFullMs: 250,
})
