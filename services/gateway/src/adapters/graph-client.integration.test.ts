import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { STRAIGHT } from '@parley/outbound'
import { expect, test } from 'vitest'
import { graphClient } from './graph-client.ts'

/** Something that listens and, as soon as it is connected to or once it heard so many pieces, hangs up. */
async function hangingUp(afterPieces: number) {
  const server = createServer((socket) => {
    let heard = 0
    socket.on('error', () => {})
    if (afterPieces === 0) socket.resetAndDestroy()
    else socket.on('data', () => (heard += 1) === afterPieces && socket.resetAndDestroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = graphClient({ wayOut: STRAIGHT, timeoutMs: 30_000, connectionsMax: 4 })
  return {
    send: (scheme: string) =>
      client.call(
        {
          phoneNumberId: '1',
          accessToken: 'of-tests-only',
          graphUrl: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
          graphVersion: 'v23.0',
        },
        'POST',
        'messages',
        {},
      ),
    async [Symbol.asyncDispose]() {
      await client.close()
      server.close()
    },
  }
}

test.each([0, 1])(
  'a handshake that is cut (after %i pieces) sent nothing, so the message is no doubtful one',
  async (pieces) => {
    await using it = await hangingUp(pieces)
    expect(await it.send('https')).toMatchObject({ outcome: 'notSent' })
  },
)

test('of a request that was cut nobody knows', async () => {
  await using it = await hangingUp(1)
  expect(await it.send('http')).toMatchObject({ outcome: 'lost' })
})
