import type { FamilyDeadlines } from '@parley/eventlog'
import { type WorkforceCommand, type WorkforceEvent, workforces } from '@parley/workforce'

/** A pool keeps its thousands of times itself and has one deadline: the earliest. */
export const workforceDeadlines: FamilyDeadlines<WorkforceCommand, WorkforceEvent, 'WakeScheduled'> = {
  types: ['WakeScheduled'],
  deadlinesOf: ({ data: { dueAt } }) =>
    dueAt === undefined ? { set: [], clear: ['wake'] } : { set: [{ kind: 'wake', dueAt }], clear: [] },
  expiry: ({ dueAt }) => workforces.command('Wake', { dueAt }),
}
