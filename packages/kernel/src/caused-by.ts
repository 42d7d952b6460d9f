import { deterministicId } from './ids.ts'

/** An event that causes wishes: as a reader gives it, or as it was noted for later. */
export interface Cause {
  readonly envelope: { readonly eventId: string }
  /** Of the span that handles it: what it causes is in the same trace. */
  readonly traceparent: string
}

/**
 * A wish that an event causes. Its id derives from the event and from what is wished because of it, so that it is one wish however often
 * and by whichever process it is said.
 * @param what Tells it from the other wishes that the same event causes. For ever: under another word a wish said before is said anew.
 */
export function causedBy<Wish extends object>({ envelope, traceparent }: Cause, what: string, wish: Wish) {
  const { eventId } = envelope
  return { ...wish, commandId: causedId(eventId, what), causationId: eventId, traceparent }
}

/** The id of what an event causes, for whoever waits for the answer to it. */
export function causedId(eventId: string, what: string): string {
  return deterministicId(what, eventId)
}
