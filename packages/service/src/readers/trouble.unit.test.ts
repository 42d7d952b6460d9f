import { expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { readerTrouble } from './trouble.ts'

const SAID = 'my card was stolen'

function told() {
  const lines: Record<string, unknown>[] = []
  const faults: unknown[] = []
  const log = createLogger({
    service: 'gateway',
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  return { lines, faults, trouble: readerTrouble(log, (...fault) => void faults.push(fault), 'sending') }
}

test('a parked stream is told with its reader, partition and stream, never with what its event says', () => {
  const { lines, trouble } = told()
  trouble.onParked({
    streamId: 'contact-1',
    partition: 3,
    reason: SAID,
    parkedAt: new Date(0),
    poison: '3:7',
  })
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'error',
      code: 'STREAM_PARKED',
      reader: 'sending',
      partition: 3,
      streamId: 'contact-1',
      parkedAt: '1970-01-01T00:00:00.000Z',
    }),
  ])
  expect(JSON.stringify(lines)).not.toContain(SAID)
})

test('a partition that stands still is told with its reader, the stream where it is known, the attempts and the error', () => {
  const { lines, trouble } = told()
  const error = new Error('The store is away.')
  trouble.onStuck({ partition: 3, attempts: 5, streamId: 'contact-1', error })
  trouble.onStuck({ partition: 4, attempts: 10, error })
  const line = { level: 'error', code: 'READER_STUCK', reader: 'sending' }
  const err = expect.objectContaining({ message: 'The store is away.' }) as object
  expect(lines).toEqual([
    expect.objectContaining({ ...line, partition: 3, attemptCount: 5, streamId: 'contact-1', err }),
    expect.objectContaining({ ...line, partition: 4, attemptCount: 10, err }),
  ])
})

test('a fault ends the process with the name of the reader', () => {
  const { faults, trouble } = told()
  const error = new Error('A gap.')
  trouble.onFault(error)
  expect(faults).toEqual([[error, { reader: 'sending' }]])
})
