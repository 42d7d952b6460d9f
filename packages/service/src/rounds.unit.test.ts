import { expect, onTestFinished, test } from 'vitest'
import { Rounds } from './rounds.ts'

function rounds(round: (stopping: AbortSignal) => Promise<'idle' | void>) {
  const errors: unknown[] = []
  const started = new Rounds({ everyMs: 1, round, onError: (error) => errors.push(error) })
  onTestFinished(() => started.close())
  return { errors, close: () => started.close() }
}

test('no round begins before the last one is over', async () => {
  let count = 0
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  rounds(async () => {
    count += 1
    await gates[count - 1]?.promise
  })
  const beside = { count: 0 }
  rounds(async () => void (beside.count += 1))
  await expect.poll(() => count).toBe(1)
  const before = beside.count
  await expect.poll(() => beside.count).toBeGreaterThan(before + 10)
  expect(count).toBe(1)
  gates[0]!.resolve()
  await expect.poll(() => count).toBe(2)
  gates[1]!.resolve()
})

test('rounds that fail are said once, idle ones between them or not, and again when one went well; the next one comes all the same', async () => {
  let count = 0
  let isAway = true
  const it = rounds(async () => {
    count += 1
    if (count % 2 === 0) return 'idle'
    if (isAway) throw new Error('away')
    return undefined
  })
  const more = async () => {
    const from = count
    await expect.poll(() => count).toBeGreaterThan(from + 3)
  }
  await more()
  expect(it.errors).toHaveLength(1)
  isAway = false
  await more()
  isAway = true
  await more()
  expect(it.errors).toHaveLength(2)
})

test('to close waits for the round that runs, which is told, and none comes after it', async () => {
  let count = 0
  let isOver = false
  const it = rounds(async (stopping) => {
    count += 1
    await new Promise((resolve) => stopping.addEventListener('abort', resolve))
    isOver = true
  })
  await expect.poll(() => count).toBe(1)
  await it.close()
  expect({ count, isOver }).toEqual({ count: 1, isOver: true })
})
