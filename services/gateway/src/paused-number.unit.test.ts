import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { HELD } from './sending/backlog.ts'

interface Seen {
  readonly calls: number
  readonly outOfOrder: number
  readonly heldMax: number
  readonly heapMax: number
}

test('200,000 messages that wait for a paused number fit a heap of 256 MB, and then go out in order', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=256',
    fileURLToPath(new URL('paused-number.fixture.ts', import.meta.url)),
    '200000',
  ])
  const { calls, outOfOrder, heldMax, heapMax } = JSON.parse(stdout) as Seen
  expect(calls).toBeGreaterThanOrEqual(100_000)
  expect(outOfOrder).toBe(0)
  expect(heldMax).toBeLessThanOrEqual(HELD.messages)
  expect(heapMax / 1e6).toBeLessThan(256)
})
