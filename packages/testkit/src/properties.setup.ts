import { configureGlobal } from 'fast-check'

/**
 * A property that fails is tried with ever smaller worlds, which may take minutes: it stops in time to tell its seed, where the test
 * would otherwise only say that it ran out of time. On a machine that does much else it tries fewer worlds than it might.
 */
if (process.env['FC_RUNS'] === undefined) configureGlobal({ interruptAfterTimeLimit: 60_000 })
