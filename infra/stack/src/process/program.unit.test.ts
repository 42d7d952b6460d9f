import { expect, onTestFinished, test, vi } from 'vitest'
import { type Program, untilDead, untilReady } from './program.ts'

const patience = { everyMs: 1, failures: 3 }

test('only failures in a row are a death, an error as well as a no', async () => {
  const answers = [true, false, 'error', true, false, false, true, 'error', 'error', false] as const
  let asked = 0
  const program = {
    isReady: () => Promise.reject(new Error('readiness is another question')),
    isAlive: async () => {
      const answer = answers[asked++]!
      if (answer === 'error') throw new Error('no connection')
      return answer
    },
  }
  await untilDead(program, patience, new AbortController().signal)
  expect(asked).toBe(answers.length)
})

test('a death is dated by the last yes, so that the time of failing does not count as a time of health', async () => {
  let yesAt = 0
  let noAt: number | undefined
  const isReady = async () => {
    if (yesAt !== 0) {
      noAt ??= performance.now()
      return false
    }
    yesAt = performance.now()
    return true
  }
  const { aliveAt } = await untilDead({ isReady }, { everyMs: 10, failures: 5 }, new AbortController().signal)
  expect(aliveAt).toBeGreaterThanOrEqual(yesAt)
  expect(aliveAt).toBeLessThan(noAt!)
})

test('who is being stopped is asked no more', async () => {
  const stopping = new AbortController()
  let asked = 0
  const isReady = async () => {
    asked += 1
    stopping.abort()
    return false
  }
  await expect(untilDead({ isReady }, patience, stopping.signal)).rejects.toThrow(/abort/i)
  expect(asked).toBe(1)
})

test('a clock that is set an hour ahead during a start, or a machine that slept, takes nothing of the time that it may take', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  let asked = 0
  const program: Program = {
    name: 'worker',
    child: { command: 'none', args: [] },
    stopBudgetMs: 0,
    async isReady() {
      vi.setSystemTime(Date.now() + 3_600_000)
      return (asked += 1) === 3
    },
  }
  const child = { pid: 0, exited: new Promise<never>(() => {}), hasExited: () => false, kill() {} }
  await untilReady(program, child, { logFile: 'none', deadlineMs: 60_000 })
  expect(asked).toBe(3)
})
