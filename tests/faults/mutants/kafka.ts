import { type Mutant, integration, unit } from './mutant.ts'

const FOLDER = 'packages/eventlog/src/kafka'
const queue = unit(`${FOLDER}/partition-queue.unit.test.ts`)
const commits = unit(`${FOLDER}/offset-commits.unit.test.ts`)
const faults = (tests: string) => integration(`${FOLDER}/kafka-faults.integration.test.ts`, tests)

/** What the log acknowledged is stored once and in order, whatever is lost on the way; nobody reads past what is missing. */
export const KAFKA: readonly Mutant[] = [
  {
    name: 'two-batches-in-flight',
    breaks: 'a partition has one batch on its way at a time',
    file: `${FOLDER}/partition-queue.ts`,
    before: "if (this.state !== 'idle' || this.#waiting.length === 0) return",
    after: 'if (this.#waiting.length === 0) return',
    caughtBy: queue,
  },
  {
    name: 'retry-under-another-sequence',
    breaks: 'a batch without an answer goes again as the same bytes under the same sequence',
    file: `${FOLDER}/partition-queue.ts`,
    before: "    this.state = 'backing off'\n    this.readyAt",
    after:
      "    this.state = 'backing off'\n    this.#sequence += 1\n    this.#batch = this.#encode(this.#batch!.runs)\n    this.readyAt",
    caughtBy: queue,
  },
  {
    name: 'sequence-stands-still',
    breaks: 'the next batch counts on from the one before',
    file: `${FOLDER}/partition-queue.ts`,
    before: 'return (sequence + count) % 2_147_483_648',
    after: 'return (sequence + 0 * count) % 2_147_483_648',
    caughtBy: queue,
  },
  {
    name: 'producer-of-a-batch-in-doubt-kept',
    breaks: 'after a batch in doubt was given up nothing more is said under its producer id',
    file: `${FOLDER}/partition-queue.ts`,
    before: 'return batch?.isInDoubt === true ? batch.producer : undefined',
    after: 'return undefined',
    caughtBy: queue,
  },
  {
    name: 'batch-in-doubt-shadows-the-next',
    breaks: 'what is appended after a batch was given up in doubt is not taken for that batch',
    file: `${FOLDER}/appender.ts`,
    before: 'if (queue.giveUp(error) === this.#producer) this.#producer = undefined',
    after: 'queue.giveUp(error)',
    caughtBy: faults('what is appended after a batch was given up in doubt'),
  },
  {
    name: 'run-cut-in-two',
    breaks: 'records that belong together are stored in one record batch',
    file: 'packages/eventlog/src/runs.ts',
    before: 'if (record.withPrevious === true) {',
    after: 'if (record.withPrevious === true && runs.length === 0) {',
    caughtBy: unit('packages/eventlog/src/memory.unit.test.ts'),
  },
  {
    name: 'commits-until-nothing-is-left',
    breaks: 'offsets are committed in their time, however much is done meanwhile',
    file: `${FOLDER}/offset-commits.ts`,
    before: '    if (this.#done.size === 0 || this.#options.isOver()) return\n    await (',
    after: '    while (this.#done.size > 0 && !this.#options.isOver()) await (',
    caughtBy: commits,
  },
  {
    name: 'offset-of-another-member-committed',
    breaks: 'no offset is committed of a partition that went to another member',
    file: `${FOLDER}/offset-commits.ts`,
    before: 'if (isOver()) return\n        await send(next)',
    after: 'await send(next)',
    caughtBy: commits,
  },
  {
    name: 'committed-before-it-is-durable',
    breaks: 'an offset is committed only once what belongs to it is durable',
    file: `${FOLDER}/offset-commits.ts`,
    before: 'await beforeCommit()',
    after: 'void beforeCommit().catch(() => {})',
    caughtBy: commits,
  },
  {
    name: 'committed-with-what-came-meanwhile',
    breaks: 'what is done while others are made durable waits for the next commit',
    file: `${FOLDER}/offset-commits.ts`,
    before: 'const next = new Map(this.#done)',
    after: 'const next = this.#done',
    caughtBy: commits,
  },
  {
    name: 'jump-over-what-retention-took',
    breaks: 'records that are gone before they were read are a fault, not a jump',
    file: `${FOLDER}/topic-reader.ts`,
    before: 'if (errorCode === OFFSET_OUT_OF_RANGE) throw await this.#gapAt(lane)',
    after:
      "if (errorCode === OFFSET_OUT_OF_RANGE) {\n        lane.fetchFrom = Number((await this.#ranges.ask((wire) => wire.offsets(topic, [partition], 'start'))).get(partition))\n        continue\n      }",
    caughtBy: faults('records that retention took'),
  },
  {
    name: 'half-an-answer-kept',
    breaks: 'an answer that was cut in the middle garbles nothing that comes after it',
    file: `${FOLDER}/mends.ts`,
    before: '      this.chunks = []\n      this.bytesBuffered = 0\n      this.bytesNeeded = 4\n',
    after: '',
    // Wires of ours give up a broken connection; what asks for topics goes on with it.
    caughtBy: faults('topics are waited for behind an answer'),
  },
  {
    name: 'rejected-batch-counts-as-done',
    breaks: 'a batch that was rejected comes again',
    file: `${FOLDER}/topic-reader.ts`,
    before:
      '        await this.#pauses.pause(backOff.next())\n        if (!this.#isReading()) return\n      }\n    }\n    const last',
    after: '        break\n      }\n    }\n    const last',
    caughtBy: integration(`${FOLDER}/kafka-log.integration.test.ts`, 'a rejected batch comes again'),
  },
  {
    name: 'owned-for-ever',
    breaks: 'a batch of before a rebalance is owned no more',
    file: `${FOLDER}/group-member.ts`,
    before: "return this.state !== 'over' && performance.now() - this.lastBeatAt < this.#sessionTimeoutMs",
    after: 'return true',
    caughtBy: integration(`${FOLDER}/kafka-log.integration.test.ts`, 'is owned no more'),
  },
  {
    name: 'fight-for-a-name',
    breaks: 'of two live members with one name one goes on without it',
    file: `${FOLDER}/group-member.ts`,
    before: '    this.#instance = undefined\n',
    after: '',
    caughtBy: integration(`${FOLDER}/group-member.integration.test.ts`, 'two live members of one name'),
  },
  {
    name: 'hole-read-over-in-a-fetch',
    breaks: 'records that are missing in the middle of an answer are a fault',
    file: `${FOLDER}/topic-reader.ts`,
    before: 'if (record.position !== lane.fetchFrom)',
    after: 'if (record.position < lane.fetchFrom)',
    caughtBy: integration(`${FOLDER}/kafka-faults.integration.test.ts`, 'a hole in the middle of one answer'),
  },
  {
    name: 'hole-read-over-in-a-range',
    breaks: 'records that are missing in the middle of a range are a fault',
    file: `${FOLDER}/range-reader.ts`,
    before: 'if (record.position !== next)',
    after: 'if (record.position < next)',
    caughtBy: integration(`${FOLDER}/kafka-faults.integration.test.ts`, 'a hole in the middle of one answer'),
  },
  {
    name: 'mark-of-a-transaction-is-a-record',
    breaks: "the mark of somebody's transaction is no record of anybody",
    file: `${FOLDER}/topic-reader.ts`,
    before: '        if (record.isMark) continue\n',
    after: '',
    caughtBy: faults('what somebody else wrote in transactions'),
  },
  {
    name: 'another-partition-count',
    breaks:
      'a topic with another number of partitions than the settings say is neither read nor written by whoever starts',
    file: `${FOLDER}/wire.ts`,
    before: 'if (length !== partitions)',
    after: 'if (length < 0)',
    caughtBy: faults('a topic that was given a partition more'),
  },
]
