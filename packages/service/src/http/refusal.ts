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

  constructor(
    statusCode: number,
    code: string,
    message: string,
    { fields, cause }: { readonly fields?: readonly FieldProblem[]; readonly cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.statusCode = statusCode
    this.code = code
    this.fields = fields
  }
}

/**
 * What the caller is told of an error that says no: a refusal as it is, and what another service refuses by its rules under the code that it
 * has there. A caller or a question that the other service does not take is a fault of ours, and no refusal.
 */
export function refusalIn(error: unknown): HttpRefusal | undefined {
  if (error instanceof HttpRefusal) return error
  if (!(error instanceof GrpcError)) return undefined
  // It may know a moment later, or sooner, what an operator changed of this person.
  if (error.code === 'PERSON_NOT_PERMITTED')
    return new HttpRefusal(403, 'NOT_ALLOWED', 'Your role does not allow this.', { cause: error })
  // What this service knows and the other one does not is a matter of rules, too: a number that is configured no more.
  return error.status === status.FAILED_PRECONDITION || error.status === status.NOT_FOUND
    ? new HttpRefusal(409, error.code, error.message, { cause: error })
    : undefined
}

/** True for an error that says that MongoDB, the log or another service is away. */
export function isPartAway(error: unknown): boolean {
  if (error instanceof GrpcError)
    return error.status === status.UNAVAILABLE || error.status === status.DEADLINE_EXCEEDED
  return isServerAway(error)
}
