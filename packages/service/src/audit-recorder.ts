import { randomUUID } from 'node:crypto'
import { type AuditEntry, audits, recordEntry } from '@parley/audit'
import { type EventLog, appendCommands, topicsOf } from '@parley/eventlog'

/**
 * Tells the audit of an act. Resolves when the log has it: it can be read within two seconds, and not be lost any more.
 * @param cause The id of the request that it came of: the same act of the same request is one entry. Default: it is told once.
 * @throws {LogUnavailable} what must leave a trace is not done then
 */
export type RecordAct = (entry: AuditEntry, cause?: string) => Promise<void>

export function auditRecorder(log: EventLog, namespace: string, service: string): RecordAct {
  const topics = topicsOf(namespace, audits)
  return async (entry, cause = randomUUID()) => {
    await appendCommands(log, topics, [recordEntry(entry, { service, cause, at: new Date() })])
  }
}
