import { expect, onTestFinished, test, vi } from 'vitest'
import { OffsetCommits } from './offset-commits.ts'

const EVERY_MS = 3_600_000

/** Commits of a member whose every step the test lets go on. */
function committing() {
  const sent: (readonly [number, bigint])[][] = []
  const steps: PromiseWithResolvers<void>[] = []
  const generation = { isOver: false }
  const failures: unknown[] = []
  const log = { isAway: false, pauses: 0 }
  const commits = new OffsetCommits({
    everyMs: EVERY_MS,
    beforeCommit() {
      const step = Promise.withResolvers<void>()
      steps.push(step)
      return step.promise
    },
    async send(next) {
      if (log.isAway) throw new Error('The log is away.')
      sent.push([...next])
    },
    isOver: () => generation.isOver,
    onFailed: (error, attempts) => void failures.push([attempts, error]),
    async pause() {
      log.pauses += 1
      log.isAway = false
    },
  })
  return { commits, sent, steps, generation, failures, log }
}

test('an offset is committed only once what belongs to it is durable; what is done meanwhile waits for the next commit', async () => {
  const { commits, sent, steps } = committing()
  commits.done(0, 5n)
  commits.done(1, 7n)
  const flushed = commits.flush()
  expect(steps.length).toBe(1)
  commits.done(0, 9n)
  await Promise.resolve()
  expect(sent).toEqual([])
  steps[0]!.resolve()
  await flushed
  expect(sent).toEqual([
    [
      [0, 5n],
      [1, 7n],
    ],
  ])
  const rest = commits.flush()
  steps[1]!.resolve()
  await rest
  expect(sent[1]).toEqual([[0, 9n]])
})

test('however much is done while offsets are committed, the next commit waits for its time', async () => {
  const { commits, sent, steps } = committing()
  commits.done(0, 5n)
  const flushed = commits.flush()
  commits.done(0, 6n)
  steps[0]!.resolve()
  await flushed
  expect([sent.length, steps.length]).toEqual([1, 1])
})

test('who asks while a commit is under way waits for one that has what was done before', async () => {
  const { commits, sent, steps } = committing()
  commits.done(0, 5n)
  const first = commits.flush()
  commits.done(0, 6n)
  const second = commits.flush()
  steps[0]!.resolve()
  await first
  await expect.poll(() => steps.length).toBe(2)
  steps[1]!.resolve()
  await second
  expect(sent).toEqual([[[0, 5n]], [[0, 6n]]])
})

test('what cannot be made durable is not committed, and is tried again', async () => {
  const { commits, sent, steps, failures } = committing()
  commits.done(0, 5n)
  const flushed = commits.flush()
  steps[0]!.reject(new Error('The store is away.'))
  await expect.poll(() => steps.length).toBe(2)
  expect([sent, failures.length]).toEqual([[], 1])
  steps[1]!.resolve()
  await flushed
  expect(sent).toEqual([[[0, 5n]]])
})

test('an offset of a partition that went to another member meanwhile is not committed', async () => {
  const { commits, sent, steps, generation } = committing()
  commits.done(0, 5n)
  const flushed = commits.flush()
  generation.isOver = true
  steps[0]!.resolve()
  await flushed
  expect(sent).toEqual([])
})

test('what the log did not take is committed again after a pause, and where nothing is left to commit nothing is done', async () => {
  const { commits, sent, steps, failures, log } = committing()
  log.isAway = true
  commits.done(0, 5n)
  const flushed = commits.flush()
  steps[0]!.resolve()
  await expect.poll(() => steps.length).toBe(2)
  expect([sent, failures.length, log.pauses]).toEqual([[], 1, 1])
  steps[1]!.resolve()
  await flushed
  expect(sent).toEqual([[[0, 5n]]])
  await commits.flush()
  expect(steps.length).toBe(2)
})

test('what is done after a commit that took long, and took along what came meanwhile, is committed in its time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { commits, sent, steps, log } = committing()
  log.isAway = true
  commits.done(0, 5n)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(steps.length).toBe(1)
  commits.done(1, 7n)
  // Its time comes while the first commit is under way, which is tried again and takes it along.
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  steps[0]!.resolve()
  await vi.advanceTimersByTimeAsync(0)
  steps[1]!.resolve()
  await vi.advanceTimersByTimeAsync(0)
  const [together = []] = sent
  expect(together).toEqual([
    [0, 5n],
    [1, 7n],
  ])
  commits.done(2, 9n)
  await vi.advanceTimersByTimeAsync(EVERY_MS)
  expect(steps.length).toBe(3)
  steps[2]!.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(sent[1]).toEqual([[2, 9n]])
})

test('the partitions whose offsets cannot be committed five times in a row are stuck, until one commit went well', async () => {
  const { commits, sent, steps, failures } = committing()
  commits.done(3, 5n)
  const flushed = commits.flush()
  for (let nth = 0; nth < 5; nth += 1) {
    await expect.poll(() => steps.length).toBe(nth + 1)
    expect(commits.stuck()).toEqual([])
    steps[nth]!.reject(new Error('A document of ours is too large.'))
  }
  await expect.poll(() => commits.stuck()).toMatchObject([{ partition: 3, attempts: 5 }])
  expect(failures.at(-1)).toMatchObject([5, { message: 'A document of ours is too large.' }])
  await expect.poll(() => steps.length).toBe(6)
  steps[5]!.resolve()
  await flushed
  expect(commits.stuck()).toEqual([])
  expect(sent).toEqual([[[3, 5n]]])
})
