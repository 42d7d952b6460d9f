import type { ProjectionTrouble, ReaderTrouble } from '@parley/eventlog'
import type { Logger } from '../logger.ts'
import type { ServiceContext } from '../run-service.ts'

/**
 * How a reader says what is wrong with it, the same in every service, by the reader's name in `ListReaders` and the runbooks. Never why a
 * stream is parked: that may quote somebody, and `ListParkedStreams` tells it to operators.
 */
export function readerTrouble(
  log: Pick<Logger, 'error'>,
  fault: ServiceContext['fault'],
  reader: string,
): ReaderTrouble {
  return {
    onParked: ({ streamId, partition, parkedAt }) =>
      log.error(
        { code: 'STREAM_PARKED', reader, partition, streamId, parkedAt },
        'a stream is parked: its events wait for an operator, those of others go on',
      ),
    onStuck: ({ partition, streamId, attempts, error }) =>
      log.error(
        { code: 'READER_STUCK', reader, partition, streamId, attemptCount: attempts, err: error },
        'a reader gets no further: its next batch, its take-over or its commit fails again and again',
      ),
    onFault: (error) => fault(error, { reader }),
  }
}

/** The same of a projection, which may be switched to another version. */
export function projectionTrouble(
  log: Pick<Logger, 'error' | 'warn' | 'info'>,
  fault: ServiceContext['fault'],
  projection: string,
): ProjectionTrouble {
  return {
    onSwitched: (version) =>
      log.info({ reader: projection, version }, 'the projection is read from another version'),
    onRouteUnreadable: (error) =>
      log.warn(
        { code: 'ROUTE_CHECK_FAILED', reader: projection, err: error },
        'the route of the projection could not be followed',
      ),
    ...readerTrouble(log, fault, projection),
  }
}

/** And of deadlines, which are looked at by themselves. */
export function deadlinesTrouble(
  log: Pick<Logger, 'error' | 'warn' | 'info'>,
  fault: ServiceContext['fault'],
  name: string,
): ProjectionTrouble & { onError(error: unknown): void } {
  return {
    onError: (error) =>
      log.warn(
        { code: 'DEADLINES_NOT_LOOKED_AT', reader: name, err: error },
        'due deadlines wait for the next look',
      ),
    ...projectionTrouble(log, fault, name),
  }
}
