import { GrpcError, status } from '../grpc/status.ts'
import { isServerAway } from '@parley/eventlog/server-away'

export interface FieldProblem {
  readonly path: string
  readonly message: string
}

/** What a caller is told: status, code and a sentence, and of a body that cannot be used its fields. Throw it from a handler. */
export class HttpRefusal extends Error {
  readonly statusCode: number
  readonly code: string
  readonly fields: readonly FieldProblem[] | undefined
  /** As what it leaves a trace, where the answer itself must not differ from another one's. */
  readonly onRecordAs: string | undefined

  constructor(
    statusCode: number,
    code: string,
    message: string,
    {
      fields,
      cause,
      onRecordAs,
    }: {
      readonly fields?: readonly FieldProblem[]
      readonly cause?: unknown
      readonly onRecordAs?: string
    } = {},
  ) {
    super(message, { cause })
    this.statusCode = statusCode
    this.code = code
    this.fields = fields
    this.onRecordAs = onRecordAs
  }
}

/** True for an error that says that MongoDB, the log or another service is away. */
export function isPartAway(error: unknown): boolean {
  if (error instanceof GrpcError)
    return error.status === status.UNAVAILABLE || error.status === status.DEADLINE_EXCEEDED
  return isServerAway(error)
}
