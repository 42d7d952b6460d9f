import { type GrpcError, HttpRefusal, isPartAway } from '@parley/service'

/** What the archive answers to whatever question: it is away, or knows another person than this service does. Anything else stays what it is. */
export function archiveRefusal(cause: GrpcError): Error {
  // The archive may know a moment later, or sooner, what an operator changed of this person.
  if (cause.code === 'PERSON_NOT_PERMITTED')
    return new HttpRefusal(403, 'NOT_ALLOWED', 'Your role does not allow this.', { cause })
  return isPartAway(cause)
    ? new HttpRefusal(503, 'ARCHIVE_UNAVAILABLE', 'The archive does not answer at the moment.', { cause })
    : cause
}
