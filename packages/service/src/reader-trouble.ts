import type { ReaderTrouble } from '@parley/eventlog'
import type { Logger } from './logger.ts'
import type { ServiceContext } from './run-service.ts'

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
        'a partition stands still: its next batch is rejected again and again',
      ),
    onFault: (error) => fault(error, { reader }),
  }
}
