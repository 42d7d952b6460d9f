import { type Mutant, integration } from './mutant.ts'

const FOLDER = 'packages/eventlog/src/decider-host'
const WRITER = `${FOLDER}/partition-writer.ts`
const SNAPSHOTS = `${FOLDER}/snapshots.ts`
const crashes = (tests: string) => integration(`${FOLDER}/crashes.integration.test.ts`, tests)
const host = (tests: string) => integration(`${FOLDER}/host.integration.test.ts`, tests)
const snapshots = (tests: string) => integration(`${FOLDER}/tables.integration.test.ts`, tests)
const tables = snapshots('snapshot \\+ tail = full fold')

/** One writer for each partition, and a second one does no harm; nothing that is in the log is decided twice or forgotten. */
export const DECIDER_HOST: readonly Mutant[] = [
  {
    name: 'half-a-decision-stored',
    breaks: 'all events of one command are stored in one record batch, or none is',
    file: WRITER,
    before: 'return withPrevious ? { ...eventRecord(event), withPrevious } : eventRecord(event)',
    after: 'return eventRecord(event)',
    caughtBy: crashes('on memory .*all events of one command are one record batch'),
  },
  {
    name: 'another-writer-not-noticed',
    breaks: 'who finds by the offset that another one wrote in between folds that and decides anew',
    file: WRITER,
    before: 'if (end === expected) {',
    after: 'if (decided.length > 0) {',
    caughtBy: host('what a zombie wrote first counts'),
  },
  {
    name: 'what-another-writer-wrote-skipped',
    breaks: 'what another writer wrote in between is folded first',
    file: WRITER,
    before: 'await this.#catchUp(end)',
    after: 'this.#nextOffset = end',
    caughtBy: host('what a zombie wrote first counts'),
  },
  {
    name: 'snapshot-in-one-piece',
    breaks: 'writing a snapshot of a large state holds up deciding for no more than 20 ms',
    file: `${FOLDER}/chunk-store.ts`,
    before: 'const BULK_CHARACTERS = 131_072',
    after: 'const BULK_CHARACTERS = 131_072_000',
    caughtBy: snapshots('a large state is written in slices'),
  },
  {
    name: 'snapshots-of-a-zombie',
    breaks: 'a writer that was overtaken writes no snapshot',
    file: SNAPSHOTS,
    before: 'filter: { _id: streamId, epoch: { $lte: this.#epoch } },',
    after: 'filter: { _id: streamId },',
    caughtBy: snapshots('a writer that was overtaken'),
  },
  {
    name: 'mark-of-a-zombie',
    breaks: 'a writer that was overtaken moves no mark',
    file: SNAPSHOTS,
    before: '{ _id: this.#partition, epoch: this.#epoch },\n',
    after: '{ _id: this.#partition },\n',
    caughtBy: tables,
  },
  {
    name: 'claimed-without-an-epoch',
    breaks: 'who claims a partition shuts out whoever claimed it before',
    file: SNAPSHOTS,
    before: '$inc: { epoch: Long.ONE }',
    after: '$inc: { epoch: Long.ZERO }',
    caughtBy: tables,
  },
  {
    name: 'mark-before-the-snapshots',
    breaks: 'the mark moves only after all snapshots are in',
    file: SNAPSHOTS,
    before: '    const slices = new Slices()\n    let bulk',
    after:
      '    await this.#partitions.updateOne({ _id: this.#partition, epoch: this.#epoch }, { $set: { mark: Long.fromBigInt(mark) } })\n    const slices = new Slices()\n    let bulk',
    caughtBy: tables,
  },
  {
    name: 'chunk-written-over',
    breaks:
      'a chunk is written beside the one that the header refers to: a snapshot that is cut short leaves the former one whole',
    file: `${FOLDER}/chunk-store.ts`,
    before: "isKept ? before : before === '0' ? '1' : '0'",
    after: "isKept ? before : '0'",
    caughtBy: tables,
  },
  {
    name: 'chunks-read-before-their-header-is-taken',
    breaks: 'a stream is loaded from one snapshot, whatever a writer that was overtaken writes meanwhile',
    file: SNAPSHOTS,
    before: `      if (document.tables !== undefined) document = await this.#take(streamId)
      if (document.state === undefined) continue
      const tables = await this.#chunks.read(streamId, document.tables ?? [])
`,
    after: `      if (document.state === undefined) continue
      const tables = await this.#chunks.read(streamId, document.tables ?? [])
      if (document.tables !== undefined) document = await this.#take(streamId)
`,
    caughtBy: snapshots('while the next writer loads its stream'),
  },
  {
    name: 'header-not-taken-before-its-chunks',
    breaks: 'chunks are written only under a header that no writer of before may change',
    file: SNAPSHOTS,
    before: '(await this.#take(streamId)).tables ?? []',
    after: '(await this.#snapshots.findOne({ _id: streamId }))?.tables ?? []',
    caughtBy: snapshots('writes its first snapshot between'),
  },
  {
    name: 'header-before-its-chunks',
    breaks: 'a header refers only to chunks that are in',
    file: `${FOLDER}/chunk-store.ts`,
    before: '    await flush()\n    return headers',
    after: '    return headers',
    caughtBy: tables,
  },
  {
    name: 'changed-chunk-not-written',
    breaks: 'a snapshot writes every chunk that changed',
    file: `${FOLDER}/chunk-store.ts`,
    before: 'kept.chunks?.[at] === chunks[at]',
    after: 'kept.chunks?.[at]?.keys.length === chunks[at]!.keys.length',
    caughtBy: tables,
  },
  {
    name: 'unknown-chunks-believed',
    breaks: 'after a write that failed nothing is taken for written',
    file: SNAPSHOTS,
    before: '      this.#chunks.forget(streamId)\n      throw error',
    after: '      this.#chunks.refersTo(streamId, [], tables)\n      throw error',
    caughtBy: tables,
  },
  {
    name: 'failed-snapshot-fails-the-batch',
    breaks: 'a snapshot that fails fails no batch that is in the log',
    file: WRITER,
    before: '    void this.#snapshotIfDue(this.#isSnapshotDue() || this.#isTailLong())\n  }',
    after: '    if (this.#isSnapshotDue()) await this.snapshot()\n  }',
    caughtBy: crashes('a snapshot that fails'),
  },
  {
    name: 'tail-left-long',
    breaks: 'who starts behind a crash under load waits for no tail',
    file: WRITER,
    before: ' || this.#isTailLong()',
    after: '',
    caughtBy: integration(`${FOLDER}/versions.integration.test.ts`, 'waits for no tail'),
  },
  {
    name: 'failed-snapshot-forgotten',
    breaks: 'what a failed snapshot was to hold is in the next one',
    file: WRITER,
    before: 'for (const streamId of this.#saving.keys()) this.#dirty.add(streamId)',
    after: '',
    caughtBy: crashes('a snapshot that fails'),
  },
  {
    name: 'unsaved-streams-leave-memory',
    breaks: 'only what stands in a snapshot leaves memory',
    file: WRITER,
    before: 'if (this.#dirty.has(streamId) || this.#saving.has(streamId)) continue',
    after: '',
    caughtBy: host('on memory .*streams that left memory'),
  },
  {
    name: 'memory-for-each-partition',
    breaks: 'however many partitions a process has, their streams take no more memory together',
    file: `${FOLDER}/host.ts`,
    before: '/ Math.max(1, claims.size))',
    after: '/ Math.min(1, claims.size))',
    caughtBy: host('on memory .*however many partitions'),
  },
  {
    name: 'snapshot-without-its-place',
    breaks: 'a snapshot knows how far its stream was decided',
    file: SNAPSHOTS,
    before: 'decidedOffset: Long.fromBigInt(stream.decidedOffset)',
    after: 'decidedOffset: Long.fromInt(-1)',
    caughtBy: crashes('on memory .*with the group at'),
  },
  {
    name: 'commands-made-anew',
    breaks: 'wishes at places that were decided before are not passed over in silence',
    file: `${FOLDER}/partition-writer.ts`,
    before: 'if (commands.end < decidedEnd)',
    after: 'if (commands.end < 0n)',
    caughtBy: integration(`${FOLDER}/host.integration.test.ts`, 'was made anew beside its events'),
  },
  {
    name: 'commands-grown-past-what-was-decided',
    breaks: 'a commands topic that was made anew is no other one once it is as long',
    file: `${FOLDER}/partition-writer.ts`,
    before: 'if (found !== undefined && found !== causationId)',
    after: "if (found === '')",
    caughtBy: integration(`${FOLDER}/host.integration.test.ts`, 'has grown past what was decided'),
  },
  {
    name: 'nobodys-event-ends-it-for-good',
    breaks:
      'bytes in the events that are nobody’s end a decider until an operator says that they are to be left out',
    file: WRITER,
    before:
      'if (error instanceof UnreadableRecord && (await this.#store.isLeftOut(record.offset))) return undefined',
    after: '',
    caughtBy: host('which an operator said is to be left out'),
  },
  {
    name: 'decided-to-where-is-not-kept',
    breaks: 'a decider whose group Kafka forgot goes on behind the last command that it decided',
    file: WRITER,
    before: '    this.#commands = batch.records.at(-1)!.offset + 1n\n',
    after: '',
    caughtBy: host('whose group Kafka forgot'),
  },
  {
    name: 'snapshot-without-its-ids',
    breaks: 'a snapshot remembers the ids of the wishes that its stream decided',
    file: SNAPSHOTS,
    before: 'commandIds: [...rememberedIds(stream.memory)]',
    after: 'commandIds: []',
    caughtBy: host('a stream comes back from its snapshot'),
  },
  {
    name: 'snapshot-without-its-words',
    breaks: 'a snapshot keeps the words that later decisions may pass on',
    file: SNAPSHOTS,
    before: 'kept: [...stream.kept].map(',
    after: 'kept: [...stream.kept].slice(0, 0).map(',
    caughtBy: host('a stream comes back from its snapshot'),
  },
  {
    name: 'log-shorter-than-its-snapshots',
    breaks: 'a log that lost its tail is a fault, not a beginning',
    file: WRITER,
    before:
      'if (end < this.#nextOffset) throw new LogGap(topics.events, this.#partition, this.#nextOffset, end)',
    after: '',
    caughtBy: host('a log that lost'),
  },
  {
    name: 'claim-for-a-batch-of-before',
    breaks: 'a batch of before a rebalance disturbs nobody with a claim',
    file: `${FOLDER}/host.ts`,
    before: 'if (!batch.isOwned()) throw new MembershipLost(options.group)',
    after: '',
    caughtBy: host('a batch of before a rebalance is refused'),
  },
  {
    name: 'lost-partitions-kept',
    breaks: 'partitions that went to others leave memory',
    file: `${FOLDER}/host.ts`,
    before: 'if (!partitions.includes(partition)) claims.delete(partition)',
    after: 'void partition',
    caughtBy: host('partitions that went to another host'),
  },
  {
    name: 'memory-trusted-after-a-failure',
    breaks: 'after whatever went wrong a writer claims and reads again',
    file: `${FOLDER}/host.ts`,
    before: 'if (claims.get(partition)?.generation === generation) claims.delete(partition)',
    after: '',
    caughtBy: host('on memory .*an append whose answer is lost'),
  },
  {
    name: 'undecidable-command-dropped',
    breaks: 'a command that cannot be decided goes whole to the dead letters',
    file: WRITER,
    before: 'failed.push({ record, error })',
    after: 'void error',
    caughtBy: host('on memory .*what cannot be read or decided'),
  },
  {
    name: 'done-before-its-dead-letters',
    breaks: 'a batch is done only once its dead letters are in the log',
    file: WRITER,
    before: 'await appendDeadLetters(log, topics, letters)',
    after: 'void appendDeadLetters(log, topics, letters).catch(() => {})',
    caughtBy: host('a batch is done only once its dead letters'),
  },
  {
    name: 'dead-letter-behind-later-events',
    breaks:
      'a command that cannot be decided is in the dead letters before what stands behind it is in the log',
    file: WRITER,
    before: 'await this.#giveToDeadLetters(failed.map(',
    after: 'unreadable.push(...failed.map(',
    caughtBy: host('is in the dead letters, however often that fails'),
  },
  {
    name: 'end-asked-before-the-claim',
    breaks: 'what the owner of before writes while a partition is claimed is no gap',
    file: WRITER,
    before: `    const store = await SnapshotStore.claim<any>(db, decider, partition, lastEpoch)
    const writer = new PartitionWriter(options, partition, partitionCount, store, streamsMax)
    const end = await log.endOffset(topics.events, partition)
`,
    after: `    const end = await log.endOffset(topics.events, partition)
    const store = await SnapshotStore.claim<any>(db, decider, partition, lastEpoch)
    const writer = new PartitionWriter(options, partition, partitionCount, store, streamsMax)
`,
    caughtBy: host('what the owner of before decides'),
  },
  {
    name: 'changes-during-a-snapshot-forgotten',
    breaks: 'what changes while a snapshot is written is in the next one',
    file: WRITER,
    before: `    this.#dirty = new Set()
    try {
      await this.#store.write(this.#saving, mark, commands)
`,
    after: `    try {
      await this.#store.write(this.#saving, mark, commands)
      this.#dirty = new Set()
`,
    caughtBy: host('on memory .*streams that left memory'),
  },
  {
    name: 'decision-too-large-appended',
    breaks: 'a decision that the log cannot take holds up nobody else',
    file: WRITER,
    before: '        runsOf(topics.events, own)\n',
    after: '',
    caughtBy: host('on memory .*larger than the log takes'),
  },
  {
    name: 'unreadable-command-dropped',
    breaks: 'a command that cannot be read goes whole to the dead letters',
    file: WRITER,
    before: '        unreadable.push(deadLetter(record, error))\n      }\n    }',
    after: '        void error\n      }\n    }',
    caughtBy: host('on memory .*what cannot be read or decided'),
  },
  {
    name: 'command-under-another-key',
    breaks: 'a command decides no stream of another partition',
    file: WRITER,
    before: 'if (command.envelope.streamId !== record.key)',
    after: 'if (command.envelope.streamId === "")',
    caughtBy: host('on memory .*what cannot be read or decided'),
  },
  {
    name: 'decided-without-a-policy',
    breaks: 'what came before the first policy of a partition waits for it',
    file: WRITER,
    before: 'await this.#awaitPolicy(commands[0]!.record.offset)',
    after: '',
    caughtBy: integration(`${FOLDER}/policy.integration.test.ts`, 'what came before the first policy'),
  },
  {
    name: 'policy-of-the-files',
    breaks: 'decided anew under another configuration, a log gives the same bytes',
    file: WRITER,
    before: 'policyAt(adoptions, record.offset) ?? this.#firstPolicy',
    after: 'this.#options.policy',
    caughtBy: integration(`${FOLDER}/policy.integration.test.ts`, 'the configuration changed twice'),
  },
  {
    name: 'new-version-folds-while-nobody-decides',
    breaks: 'a new version takes over with a short tail',
    file: `${FOLDER}/host.ts`,
    before: '  await buildAhead(options)\n',
    after: '',
    caughtBy: integration(`${FOLDER}/versions.integration.test.ts`, 'on memory .*folds all events'),
  },
]
