import { type CommandsOf, type EventsOf, defineFamily } from '@parley/kernel'
import { EntryRecorded, RecordEntry } from '@parley/proto/audit-entries'

/** The contract of the audit: who did what. One wish, one fact; what was done is a field, because all of it is kept and read alike. */
export const audits = defineFamily({
  name: 'audit',
  commands: { RecordEntry },
  events: { EntryRecorded },
})

export type AuditCommand = CommandsOf<typeof audits>
export type AuditEvent = EventsOf<typeof audits>
