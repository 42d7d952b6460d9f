import type { Decider } from '@parley/kernel'
import { type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { type PoolState, emptyPool } from './state.ts'

/** The rules of the workforce: one stream per pool. What they decide by is configured in the stream itself, so that a change dispatches at once. */
export const workforceDecider: Decider<PoolState, WorkforceCommand, WorkforceEvent> = {
  family: workforces,
  version: 13,
  // A second or two of a full pool: looking through more costs more than the decision. What is said again later the rules know by revisions and stages.
  commandsRemembered: 256,
  answersPeople: true,
  initialState: () => emptyPool,
  decide,
  evolve,
}
