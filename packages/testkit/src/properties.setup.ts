import { configureGlobal } from 'fast-check'
import { HUNT, runs } from './properties.ts'

/**
 * Whether a change lands is decided by the same worlds for all who ask: by worlds of chance one that changed nothing near them was
 * turned away for what is rare. `HUNT=40` looks for the rare (docs/adr/0039-properties-land-by-the-same-worlds.md).
 *
 * A property that fails is tried with ever smaller worlds, which may take minutes: it stops in time to tell its seed, where the test
 * would otherwise only say that it ran out of time. On a machine that does much else it tries fewer worlds than it might.
 */
configureGlobal(HUNT === undefined ? { seed: 20_261_128, interruptAfterTimeLimit: 60_000 } : runs(100))
