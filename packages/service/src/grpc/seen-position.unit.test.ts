import { Metadata } from '@grpc/grpc-js'
import type { Position } from '@parley/eventlog'
import { expect, test } from 'vitest'
import { namePositions, whenSeen } from './seen-position.ts'

const call = { signal: new AbortController().signal }

/** A read model that holds each partition up to an offset. */
function readModel(handled: Readonly<Record<number, bigint>>) {
  const asked: Position[] = []
  const whenProcessed = async (position: Position) => {
    asked.push(position)
    return position.offset <= (handled[position.partition] ?? -1n)
  }
  return { asked, whenProcessed }
}

function naming(...positions: readonly string[]): Metadata {
  const metadata = new Metadata()
  for (const position of positions) metadata.add('parley-seen-position', position)
  return metadata
}

test('a query that names no position waits for nothing', async () => {
  const model = readModel({})
  await whenSeen(model, new Metadata(), call)
  expect(model.asked).toEqual([])
})

test('a query is answered once the read model holds all positions that it names, as our client writes them', async () => {
  const model = readModel({ 3: 1042n, 4: 7n })
  const metadata = new Metadata()
  const positions = [
    { partition: 3, offset: 1042n },
    { partition: 4, offset: 7n },
  ]
  namePositions(metadata, positions)
  await whenSeen(model, metadata, call)
  expect(model.asked).toEqual(positions)
})

test.each([[['3:1042', '4:8']], [['3:1042, 4:8']], [['5:0']]])(
  'a position of %j that the read model does not hold in time is NOT_PROCESSED_YET',
  async (positions) => {
    await expect(whenSeen(readModel({ 3: 1042n, 4: 7n }), naming(...positions), call)).rejects.toMatchObject({
      code: 'NOT_PROCESSED_YET',
    })
  },
)

test.each(['', '3', '3:', ':7', '3:-1', '-3:7', '3:7:8', '3:7,', 'three:7', '3:1e3', `3:${'9'.repeat(19)}`])(
  '"%s" is POSITION_INVALID, and nothing is waited for',
  async (text) => {
    const model = readModel({ 3: 1042n })
    await expect(whenSeen(model, naming('3:7', text), call)).rejects.toMatchObject({
      code: 'POSITION_INVALID',
    })
    expect(model.asked).toEqual([])
  },
)
