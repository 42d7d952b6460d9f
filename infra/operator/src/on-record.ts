import type { AuditSubject } from '@parley/audit'
import type { RecordAct } from '@parley/service'
import { operatorName } from '@parley/service/grpc-operator'

/**
 * On record before it is done: nobody is signed in here, so who holds the terminal is what is known.
 * @param fields codes and ids: what was done, with what
 */
export function putOnRecord(
  record: RecordAct,
  subject: AuditSubject,
  fields: Readonly<Record<string, string>> & { readonly act: string },
): Promise<void> {
  return record({
    type: 'operator_acted',
    person: null,
    subject,
    fields,
    words: { operator: operatorName(process.env) },
  })
}
