import type { AuditSubject } from '@parley/audit'
import { LogUnavailable } from '@parley/eventlog'
import type { RecordAct } from './audit-recorder.ts'
import type { GrpcCallContext } from './grpc/server.ts'
import { grpcError, status } from './grpc/status.ts'

/** What was done, with what: `reason` is what somebody wrote, the others are codes and ids. */
export type OperatorAct = Readonly<Record<string, string>> & {
  readonly act: string
  readonly reason?: string
}

/** What nobody signed in does by gRPC stands in the audit before it is done; while the log takes nothing, nothing is done. */
export function operatorActs(record: RecordAct) {
  return async (
    subject: AuditSubject,
    { caller, operator }: Pick<GrpcCallContext, 'caller' | 'operator'>,
    act: OperatorAct,
  ): Promise<void> => {
    const { reason, ...fields } = act
    try {
      await record({
        type: 'operator_acted',
        person: null,
        subject,
        fields: { ...fields, caller },
        words: { ...(reason !== undefined && { reason }), ...(operator !== undefined && { operator }) },
      })
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error
      throw grpcError(
        status.UNAVAILABLE,
        error.code,
        'The audit cannot be written to at the moment, so nothing was done. Ask again shortly.',
      )
    }
  }
}
