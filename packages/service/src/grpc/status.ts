import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { isServerAway } from '@parley/eventlog/server-away'

export { status }

/** On both ends of a call. */
export const GRPC_MESSAGE_BYTES_MAX = 16 * 1024 * 1024

/** A gRPC failure with a stable code of ours beside the gRPC status, on both ends of a call. */
export class GrpcError extends Error {
  readonly status: status
  readonly code: string
  /** Of the question, where one alone cannot be used. */
  readonly field: string | undefined
  constructor(grpcStatus: status, code: string, message: string, field?: string) {
    super(message)
    this.status = grpcStatus
    this.code = code
    this.field = field
  }
}

/** `throw grpcError(status.NOT_FOUND, 'CONVERSATION_UNKNOWN', 'There is no such conversation.')`. The message goes to the caller: no content in it. */
export function grpcError(grpcStatus: status, code: string, message: string, field?: string): GrpcError {
  return new GrpcError(grpcStatus, code, message, field)
}

/** The metadata key that carries the stable code. */
const CODE_KEY = 'parley-code'
/** The one that names the field. */
const FIELD_KEY = 'parley-field'

/** It travels in a header, where each character may take nine bytes; one that is too large ends the connection, and all calls that are under way on it. */
const MESSAGE_CHARACTERS_MAX = 1_000

/** What a caller may see of an error: a GrpcError as it is; of any other only that it happened, or that a part is away. */
export function toWire(
  error: unknown,
): Pick<ServiceError, 'code' | 'details' | 'metadata'> & { name: string; message: string } {
  const shown = error instanceof GrpcError ? error : ofOurs(error)
  const metadata = new Metadata()
  metadata.set(CODE_KEY, shown.code)
  if (shown.field !== undefined) metadata.set(FIELD_KEY, shown.field)
  const message = shown.message.slice(0, MESSAGE_CHARACTERS_MAX).toWellFormed()
  return { name: 'GrpcError', message, code: shown.status, details: message, metadata }
}

function ofOurs(error: unknown): GrpcError {
  return isServerAway(error)
    ? new GrpcError(status.UNAVAILABLE, 'UNAVAILABLE', 'A part of the service is away. Ask again shortly.')
    : new GrpcError(
        status.INTERNAL,
        'INTERNAL',
        'The service failed; its log has the error under this trace.',
      )
}

export function fromWire(error: ServiceError): GrpcError {
  const told = (key: string): string | undefined => error.metadata?.get(key)[0]?.toString()
  return new GrpcError(
    error.code,
    told(CODE_KEY) ?? status[error.code] ?? 'UNKNOWN',
    error.details,
    told(FIELD_KEY),
  )
}
