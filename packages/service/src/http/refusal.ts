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

/**
 * What the caller is told of an error that says no: a refusal as it is, and what another service refuses by its rules under the code that it
 * has there. A caller or a question that the other service does not take is a fault of ours, and no refusal.
 */
export function refusalIn(error: unknown): HttpRefusal | undefined {
  if (error instanceof HttpRefusal) return error
  if (!(error instanceof GrpcError)) return undefined
  // It may learn a moment later what an operator changed of this person. 403 would say that they lack the right, which they have here.
  if (error.code === 'PERSON_NOT_PERMITTED')
    return new HttpRefusal(
      503,
      'UNAVAILABLE',
      'A part of the service does not know yet that you may do this.',
      {
        cause: error,
      },
    )
  // What this service knows and the other one does not is a matter of rules, too: a number that is configured no more.
  return error.status === status.FAILED_PRECONDITION || error.status === status.NOT_FOUND
    ? new HttpRefusal(409, error.code, error.message, { cause: error })
    : undefined
}

export const processEnding = (): HttpRefusal =>
  new HttpRefusal(503, 'UNAVAILABLE', 'This process is ending. Try again in a moment.')

/** True for an error that says that MongoDB, the log or another service is away. */
export function isPartAway(error: unknown): boolean {
  if (error instanceof GrpcError)
    return error.status === status.UNAVAILABLE || error.status === status.DEADLINE_EXCEEDED
  return isServerAway(error)
}
