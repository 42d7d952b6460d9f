import { Metadata } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { readerGrpc } from './reader-grpc.ts'

const parkedAt = new Date('2026-03-02T12:00:00Z')

function operated() {
  const parked = new Map([['contact-1', 'the fold threw']])
  const reasons: string[] = []
  const { handlers } = readerGrpc({
    transcript: {
      parked: async () => [...parked].map(([streamId, reason]) => ({ streamId, reason, parkedAt })),
      retry: async (streamId) => !parked.has(streamId),
      discard: async (streamId, reason) => {
        reasons.push(reason)
        return parked.delete(streamId)
      },
    },
  })
  const call = (name: string, request: object): Promise<unknown> =>
    handlers[name]!(request, new Metadata(), { signal: new AbortController().signal })
  return { call, reasons }
}

test('an operator sees each parked stream with its reader and reason', async () => {
  await expect(operated().call('listParkedStreams', {})).resolves.toEqual({
    streams: [
      {
        reader: 'transcript',
        streamId: 'contact-1',
        reason: 'the fold threw',
        parkedAt: '2026-03-02T12:00:00.000Z',
      },
    ],
  })
})

test('a stream that is poisoned still is not said to be free; once its poison is discarded it is', async () => {
  const { call, reasons } = operated()
  const stream = { reader: 'transcript', streamId: 'contact-1' }
  await expect(call('retryStream', stream)).resolves.toEqual({ isFree: false })
  await expect(call('discardPoison', { ...stream, reason: 'known bug 12' })).resolves.toEqual({
    isFree: true,
  })
  expect(reasons).toEqual(['known bug 12'])
})

test('nothing is discarded without a reason, and an unknown reader is named', async () => {
  const { call, reasons } = operated()
  await expect(
    call('discardPoison', { reader: 'transcript', streamId: 'contact-1', reason: ' ' }),
  ).rejects.toThrow(/Say why/)
  await expect(call('retryStream', { reader: 'links', streamId: 'x' })).rejects.toThrow(/transcript/)
  expect(reasons).toEqual([])
})
