import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 20

/** Waits until there is something. The deadline is far beyond what it takes: a machine that does other work fails no test. */
export async function until<Found>(
  what: string,
  look: () => Found | Promise<Found>,
  withinMs = 60_000,
): Promise<NonNullable<Found>> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}.`)
    await pause(LOOK_EVERY_MS)
  }
}
