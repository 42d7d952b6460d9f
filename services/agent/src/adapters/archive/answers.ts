import { GrpcError, HttpRefusal, isPartAway } from '@parley/service'

/** Whoever asks waits no longer than this, and where they leave before nobody does. The archive asks once more who may see what. */
export const askedFor = (person: string, signal?: AbortSignal) => ({ timeoutMs: 5_000, person, signal })

/**
 * What the archive answers.
 * @param refusalOf what it means that it does not
 */
export async function answered<Answer>(
  answer: Promise<Answer>,
  refusalOf: (cause: GrpcError) => Error = archiveRefusal,
): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof GrpcError ? refusalOf(error) : error
  }
}

/** What the archive answers to whatever question: it is away, it knows another person than this service does, or it counts no such figure. Anything else stays what it is. */
export function archiveRefusal(cause: GrpcError): Error {
  // The archive may know a moment later what an operator changed of this person. 403 would say that they lack the right, which they have.
  if (cause.code === 'PERSON_NOT_PERMITTED')
    return new HttpRefusal(
      503,
      'ARCHIVE_UNAVAILABLE',
      'The archive does not know yet that you may see this.',
      {
        cause,
      },
    )
  if (cause.code === 'FIGURE_QUESTION_INVALID' || cause.code === 'FIGURE_TOO_LARGE')
    return new HttpRefusal(400, cause.code, cause.message, {
      cause,
      ...(cause.field !== undefined && { fields: [{ path: cause.field, message: cause.message }] }),
    })
  return isPartAway(cause)
    ? new HttpRefusal(503, 'ARCHIVE_UNAVAILABLE', 'The archive does not answer at the moment.', { cause })
    : cause
}
