import { type Mutant, integration, unit } from './mutant.ts'

const FOLDER = 'packages/eventlog/src/reader'
const ENGINE = `${FOLDER}/reader.ts`
const PARKING = `${FOLDER}/parking.ts`
const reader = (tests: string) => integration(`${FOLDER}/reader.integration.test.ts`, tests)
const parking = (tests: string) => integration(`${FOLDER}/parking.integration.test.ts`, tests)
const heads = (tests: string) => integration(`${FOLDER}/heads.integration.test.ts`, tests)
const interleavings = integration(`${FOLDER}/interleavings.integration.test.ts`)
const classify = unit(`${FOLDER}/classify.unit.test.ts`)
const follower = unit(`${FOLDER}/follower.unit.test.ts`)
const ticker = unit('packages/eventlog/src/deadlines/ticker.unit.test.ts')

/** Readers lose nothing without a sound, and handle each stream in its order. */
export const READER: readonly Mutant[] = [
  {
    name: 'offsets-before-heads',
    breaks: 'offsets are committed only once the heads that belong to them are written',
    file: ENGINE,
    before: '    await heads.flush()\n',
    after: '    void heads.flush().catch(() => {})\n',
    caughtBy: reader('offsets are committed only once'),
  },
  {
    name: 'parked-before-the-heads',
    breaks: 'a stream is parked once what stands before its poison is on record as handled',
    file: ENGINE,
    before: '    await heads.restNow([...poisons.keys()])\n    for (const [streamId',
    after: '    for (const [streamId',
    caughtBy: reader('is parked only with its record in the queue'),
  },
  {
    name: 'discards-unseen',
    breaks: 'an operator leaves out the event that they were shown, and no other',
    file: PARKING,
    before: 'const parked = await this.#streams.findOne({ _id: streamId, poison })',
    after: 'const parked = await this.#streams.findOne({ _id: streamId })',
    caughtBy: reader('that a colleague discarded costs the next one nothing'),
  },
  {
    name: 'wish-that-another-took',
    breaks: 'of several who retry a stream at once nobody is told that it is free while it is poisoned',
    file: PARKING,
    before: 'return parked.wishId === undefined ? false : undefined',
    after: 'return parked.wishId === wishId ? undefined : true',
    caughtBy: reader('that two retry at once'),
  },
  {
    name: 'parked-before-its-queue',
    breaks: 'a parked stream always has its poison in the queue',
    file: PARKING,
    before: '      await this.#queue(behind)\n      const parkedAt',
    after: '      void this.#queue(behind).catch(() => {})\n      const parkedAt',
    caughtBy: reader('is parked only with its record in the queue'),
  },
  {
    name: 'freed-with-records-behind',
    breaks: 'a stream is freed only as its queue was seen',
    file: PARKING,
    before: 'deleteOne({ _id: streamId, through })',
    after: 'deleteOne({ _id: streamId })',
    caughtBy: reader('frees a stream only as it saw its queue'),
  },
  {
    name: 'queued-behind-nobody',
    breaks: 'who queues records of a stream that was freed meanwhile handles them',
    file: ENGINE,
    before: 'if (isQueued) free =',
    after: 'if (isQueued || !isQueued) free =',
    caughtBy: reader('that freed a stream while a batch was about to queue'),
  },
  {
    name: 'let-go-before-the-heads',
    breaks: 'queued records go only once it is on record that they were handled',
    file: ENGINE,
    before:
      '    await heads.restNow(records.map(({ key }) => key))\n    await this.#parking.handedOver(records)',
    after: '    await this.#parking.handedOver(records)',
    caughtBy: reader('lets its records go only once'),
  },
  {
    name: 'retry-beside-the-lane',
    breaks: 'a handler gets one batch of a partition at a time, those of a retry too',
    file: ENGINE,
    before: 'this.#laneOf(wish.partition).between(() => this.#retry(wish))',
    after: 'this.#retry(wish)',
    caughtBy: reader('waits for the batch of its partition'),
  },
  {
    name: 'retry-by-anybody',
    breaks: 'the owner of the partition carries out a retry, whichever replica is asked',
    file: ENGINE,
    before: 'heads === this.#heads && this.assigned().includes(partition)',
    after: 'heads === this.#heads',
    caughtBy: reader('asked of another replica'),
  },
  {
    name: 'heads-of-the-generation-before',
    breaks: 'what was known in one generation is not believed in the next',
    file: ENGINE,
    before: '        this.#heads = heads\n',
    after: '        Object.assign(this.#heads, { generation })\n',
    caughtBy: interleavings,
  },
  {
    name: 'batch-of-a-generation-that-is-over',
    breaks: 'a batch of a generation that is over is not handled',
    file: ENGINE,
    before: 'if (!round.isOwned()) throw new MembershipLost(this.#identity.group)',
    after: '',
    caughtBy: reader('a batch that waited is not handled'),
  },
  {
    name: 'stuck-without-a-stream',
    breaks: 'who is told that a partition stands still is told the stream, where one record is at fault',
    file: `${FOLDER}/fault-search.ts`,
    before: 'this.#streams.set(partition, key)',
    after: 'void key',
    caughtBy: unit(`${FOLDER}/fault-search.unit.test.ts`),
  },
  {
    name: 'away-for-a-fault-of-a-stream',
    breaks: 'while the store is away no stream is said to be at fault',
    file: `${FOLDER}/fault-search.ts`,
    before: 'if (isServerAway(error)) this.#streams.delete(partition)',
    after: '',
    caughtBy: unit(`${FOLDER}/fault-search.unit.test.ts`),
  },
  {
    name: 'head-forgotten-before-it-is-written',
    breaks: 'a head that could not be written is written with the next flush',
    file: `${FOLDER}/heads.ts`,
    before: `    await this.#stored.writeResting(resting.map(([streamId, { head }]) => [streamId, head]))
    for (const [streamId, moving] of resting)
      if (this.#moving.get(streamId) === moving) this.#moving.delete(streamId)
`,
    after: `    for (const [streamId, moving] of resting)
      if (this.#moving.get(streamId) === moving) this.#moving.delete(streamId)
    await this.#stored.writeResting(resting.map(([streamId, { head }]) => [streamId, head]))
`,
    caughtBy: heads('could not be put to rest'),
  },
  {
    name: 'moved-while-it-is-written',
    breaks: 'a head that moves while it is written is written again',
    file: `${FOLDER}/heads.ts`,
    before: 'if (this.#moving.get(streamId) === moving) this.#moving.delete(streamId)',
    after: 'if (moving !== undefined) this.#moving.delete(streamId)',
    caughtBy: heads('moves while its head is written'),
  },
  {
    name: 'change-forgotten-behind-its-write',
    breaks: 'what changes while the heads of a partition are written is written with the next flush',
    file: `${FOLDER}/heads.ts`,
    before: 'for (const partition of writing) this.#changed.add(partition)\n      throw error\n    }',
    after:
      'for (const partition of writing) this.#changed.add(partition)\n      throw error\n    }\n    this.#changed.clear()',
    caughtBy: heads('moves while its head is written'),
  },
  {
    name: 'kept-before-its-heads',
    breaks:
      'a place from which a store that was put back is read on is kept behind the heads that belong to it',
    file: ENGINE,
    before: '    await heads.flush()\n    await progress?.keep(done)\n',
    after: '    await progress?.keep(done)\n    await heads.flush()\n',
    caughtBy: reader('is not kept while the heads cannot be stored'),
  },
  {
    name: 'kept-with-the-heads-of-the-next-generation',
    breaks: 'a place that is kept while a group is shared out anew has its heads in the store',
    file: ENGINE,
    before: '    await heads.flush()\n    await progress?.keep(done)\n',
    after: '    await this.#heads.flush()\n    await progress?.keep(done)\n',
    caughtBy: reader('is kept with its own heads'),
  },
  {
    name: 'kept-with-what-came-meanwhile',
    breaks: 'what is done while heads are written is not kept with them',
    file: ENGINE,
    before: '    const done = new Map(this.#done)\n',
    after: '    const done = this.#done\n',
    caughtBy: reader('is kept only once the heads'),
  },
  {
    name: 'kept-of-what-went-to-others',
    breaks: 'no place is kept of a partition that went to another member before its heads were written',
    file: ENGINE,
    before: '        this.#done.clear()\n',
    after: '',
    caughtBy: reader('is not kept of a partition that went'),
  },
  {
    name: 'cached-before-it-is-written',
    breaks: 'a document that the store did not take is folded again',
    file: `${FOLDER}/documents.ts`,
    before: '    const overtaken: ProjectedDocument[] = []\n',
    after:
      '    this.#projection.cache?.written(this.#generation, changed)\n    const overtaken: ProjectedDocument[] = []\n',
    caughtBy: reader('holds its documents in memory'),
  },
  {
    name: 'told-before-it-has-changed',
    breaks: 'what tells that other documents have changed is written behind them',
    file: `${FOLDER}/documents.ts`,
    before: '.toSorted(([one], [other]) => one - other)',
    after: '.toSorted(([one], [other]) => other - one)',
    caughtBy: reader('of a later turn'),
  },
  {
    name: 'projected-before-it-is-written',
    breaks: 'whoever is told that something was projected finds it',
    file: `${FOLDER}/projection.ts`,
    before: '        await project(documents, batch)\n        onProjected?.(batch)\n',
    after: '        onProjected?.(batch)\n        await project(documents, batch)\n',
    caughtBy: reader('tells of what it wrote'),
  },
  {
    name: 'marked-before-it-queues',
    breaks: 'who frees a parked stream by its mark leaves nothing behind',
    file: PARKING,
    before: `    await this.#queue(records)
    const through = new Map(records.map(({ key, offset }) => [key, offset]))
    const { matchedCount } = await this.#streams.bulkWrite(
      [...through].map(([streamId, offset]) => ({
        updateOne: { filter: { _id: streamId }, update: { $max: { through: Long.fromBigInt(offset) } } },
      })),
      { ordered: false },
    )
`,
    after: `    const through = new Map(records.map(({ key, offset }) => [key, offset]))
    const { matchedCount } = await this.#streams.bulkWrite(
      [...through].map(([streamId, offset]) => ({
        updateOne: { filter: { _id: streamId }, update: { $max: { through: Long.fromBigInt(offset) } } },
      })),
      { ordered: false },
    )
    await this.#queue(records)
`,
    caughtBy: parking('in the queue before the mark'),
  },
  {
    name: 'left-out-before-it-is-on-record',
    breaks: 'what an operator left out is on record, whatever fails behind it',
    file: PARKING,
    before: `    await this.#discarded.updateOne(
      { _id: poison },
      { $setOnInsert: { streamId, reason, at: new Date() } },
      { upsert: true },
    )
    await this.#records.updateOne({ _id: poison }, { $set: { discarded: reason } })
`,
    after: `    await this.#records.updateOne({ _id: poison }, { $set: { discarded: reason } })
    await this.#discarded.updateOne(
      { _id: poison },
      { $setOnInsert: { streamId, reason, at: new Date() } },
      { upsert: true },
    )
`,
    caughtBy: parking('is on record before'),
  },
  {
    name: 'position-before-it-is-handed-over',
    breaks: 'who goes on from the positions of a follower gets what that one had not handed over',
    file: `${FOLDER}/follower.ts`,
    before: '    if (events.length > 0) await onEvents(events)\n',
    after:
      '    this.#positions.set(partition, records.at(-1)!.offset + 1n)\n    if (events.length > 0) await onEvents(events)\n',
    caughtBy: follower,
  },
  {
    name: 'wished-before-what-goes-before',
    breaks: 'what must be done before a wish is heard of is done before it',
    file: `${FOLDER}/reactor.ts`,
    before: '    await before(events)\n    if (commands.length > 0) await append(commands)\n',
    after: '    if (commands.length > 0) await append(commands)\n    await before(events)\n',
    caughtBy: unit(`${FOLDER}/reactor.unit.test.ts`),
  },
  {
    name: 'head-set-back',
    breaks: 'a handler that ends after its generation sets no head back',
    file: `${FOLDER}/heads.ts`,
    before: 'const filter = { _id: partition, offset: { $lte: replacement.offset } }',
    after: 'const filter = { _id: partition }',
    caughtBy: reader('sets no head back'),
  },
  {
    name: 'resting-head-set-back',
    breaks: 'no head that rests is set back by a member that is behind',
    file: `${FOLDER}/heads.ts`,
    before: 'const filter = { _id, offset: { $lte: fields.offset } }',
    after: 'const filter = { _id }',
    caughtBy: heads('takes nothing back'),
  },
  {
    name: 'moving-heads-not-taken-over',
    breaks: 'what a member wrote of streams that move is known to the next one',
    file: ENGINE,
    before: '        await heads.takeOver(partitions)\n',
    after: '',
    caughtBy: interleavings,
  },
  {
    name: 'moving-head-before-the-resting-one',
    breaks: 'of a head that stands in two places the further one counts',
    file: `${FOLDER}/heads.ts`,
    before: 'if (known === undefined || head.offset > known.offset) heads.set(streamId, head)',
    after: 'heads.set(streamId, head)',
    caughtBy: heads('of two places the further one counts'),
  },
  {
    name: 'head-at-rest-meanwhile',
    breaks: 'a head that comes to rest while its member reads the store for it is found',
    file: `${FOLDER}/heads.ts`,
    before: 'const moved = moving.get(streamId)',
    after: 'const moved = this.#moving.get(streamId)',
    caughtBy: heads('while its own member reads the store'),
  },
  {
    name: 'resting-heads-read-first',
    breaks: 'a head that comes to rest while it is looked for is found',
    file: `${FOLDER}/heads.ts`,
    before: `    const moving = (await this.moving()).flatMap(({ heads }) => heads)
    const heads = await this.resting(streamIds)
`,
    after: `    const heads = await this.resting(streamIds)
    const moving = (await this.moving()).flatMap(({ heads }) => heads)
`,
    caughtBy: heads('comes to rest while somebody looks'),
  },
  {
    name: 'queue-read-before-its-mark',
    breaks: 'what queues while an operator frees its stream is handled before the stream is free',
    file: `${FOLDER}/parking.ts`,
    before: `    const parked = await this.#streams.findOne({ _id: streamId })
    if (parked === null) return undefined
    const found = await this.#records
      .find({ streamId })
      .sort({ offset: 1 })
      .limit(RECORDS_AT_ONCE_MAX)
      .toArray()
`,
    after: `    const found = await this.#records
      .find({ streamId })
      .sort({ offset: 1 })
      .limit(RECORDS_AT_ONCE_MAX)
      .toArray()
    const parked = await this.#streams.findOne({ _id: streamId })
    if (parked === null) return undefined
`,
    caughtBy: reader('takes the mark of the queue before'),
  },
  {
    name: 'compared-before-it-is-committed',
    breaks: 'versions are compared by all that both have read, also of the last second',
    file: 'packages/eventlog/src/projections/building.ts',
    before: '    if (recordsLeft === 0) return 0\n',
    after: '    if (recordsLeft >= 0) return 0\n',
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'on Kafka .*which both versions read a moment ago',
    ),
  },
  {
    name: 'compared-with-another-version',
    breaks: 'a version is read only if it was compared with the one that is live',
    file: 'packages/eventlog/src/projections/building.ts',
    before: 'if (comparison.live !== live)',
    after: 'if (comparison.live > live + 1_000)',
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'on memory .*compared with the version that one goes back from',
    ),
  },
  {
    name: 'event-under-another-key',
    breaks: 'an event under the key of another stream is no event of it',
    file: 'packages/kernel/src/envelope.ts',
    before: 'if (event.envelope.streamId !== key)',
    after: "if (event.envelope.streamId === '')",
    caughtBy: classify,
  },
  {
    name: 'cancelled-by-neither-of-two',
    breaks: 'of two who cancel what is being built at once, one does',
    file: 'packages/eventlog/src/projections/route.ts',
    before: "'building.hold.isCancelling': true },",
    after: "'building.hold.by': hold.by },",
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'on memory .*is cancelled by whoever comes first of two',
    ),
  },
  {
    name: 'dropped-before-it-is-switched',
    breaks: 'a version of a projection is dropped only once nobody can go back to it',
    file: 'packages/eventlog/src/projections/building.ts',
    before: '  if (!(await routes.switch(name, { from, to: building.version })))\n',
    after:
      '  if (route.previous !== null) await dropVersion(projection, place.db, route.previous)\n  if (!(await routes.switch(name, { from, to: building.version })))\n',
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'on memory .*that is switched to while somebody goes back',
    ),
  },
  {
    name: 'poison-fails-its-batch',
    breaks: 'poison in a batch makes nothing run twice that could be handled',
    file: `${FOLDER}/documents.ts`,
    before: '        poisons.add(event, error)\n      }\n    }',
    after: '        throw error\n      }\n    }',
    caughtBy: reader('a metric counts what a parked stream brings late'),
  },
  {
    name: 'handled-behind-a-poison',
    breaks: 'nothing of a stream is handled behind its poison',
    file: ENGINE,
    before: 'const others = rest.filter(({ key }) => !poisons.has(key))',
    after: 'const others = rest.filter(({ key, offset }) => poisons.get(key)?.record.offset !== offset)',
    caughtBy: interleavings,
  },
  {
    name: 'head-beyond-the-poison',
    breaks: 'the head of a parked stream stands before its poison',
    file: ENGINE,
    before: '    if (poisons.size === 0) {\n      this.#metrics',
    after: '    heads.advance(classified.heads)\n    if (poisons.size === 0) {\n      this.#metrics',
    caughtBy: reader('a poison event'),
  },
  {
    name: 'counted-before-parked',
    breaks: 'a stream is parked before a figure counts past its poison',
    file: ENGINE,
    before: `      await this.#park(heads, sick, poisons)
      const others = rest.filter(({ key }) => !poisons.has(key))
      await this.#hand(round, heads, others, false)`,
    after: `      const others = rest.filter(({ key }) => !poisons.has(key))
      await this.#hand(round, heads, others, false)
      await this.#park(heads, sick, poisons)`,
    caughtBy: integration(
      `${FOLDER}/metric-projection.integration.test.ts`,
      'a crash before a stream was parked',
    ),
  },
  {
    name: 'counted-again-as-late',
    breaks:
      'what a batch counted that ended before a poison is not counted again when the next one holds the poison',
    file: ENGINE,
    before: 'const { well, rest } = atFirstPoison(records, poisons)',
    after: 'const [well, rest] = [records.slice(0, 0), records]',
    caughtBy: integration(
      `${FOLDER}/metric-projection.integration.test.ts`,
      'a crash once figures were written',
    ),
  },
  {
    name: 'reader-passes-over-a-gap',
    breaks: 'a gap stops the reader, with the stream and both versions',
    file: `${FOLDER}/classify.ts`,
    before: 'throw new StreamGap(key, head?.version ?? 0, event.envelope.streamVersion)',
    after: 'break',
    caughtBy: classify,
  },
  {
    name: 'losers-not-counted',
    breaks: 'superseded records are told apart from repeats',
    file: `${FOLDER}/classify.ts`,
    before: 'supersededCount += 1',
    after: '',
    caughtBy: classify,
  },
  {
    name: 'document-folds-twice',
    breaks: 'a batch that comes again is as good as once',
    file: `${FOLDER}/documents.ts`,
    before: 'if (doc !== undefined && seenVersion <= doc.seenVersion) continue',
    after: '',
    caughtBy: reader('whose batch comes again with more behind it'),
  },
  {
    name: 'rounds-of-two-generations',
    breaks: 'no two rounds of one partition are under way, whatever a rebalance brings',
    file: `${FOLDER}/lane.ts`,
    before: 'this.#waiting.every(({ batch }) => batch.generation === this.#generation)',
    after: 'this.#generation >= 0',
    caughtBy: unit(`${FOLDER}/lane.unit.test.ts`, 'after a rebalance'),
  },
  {
    name: 'overtaken-after-a-failure',
    breaks: 'a partition whose round failed has its next one in its turn, however much of others waits',
    file: `${FOLDER}/lane.ts`,
    before: 'waiting.slice(0, 1).some(hasFailed)',
    after: 'waiting.every(hasFailed)',
    caughtBy: unit(`${FOLDER}/lane.unit.test.ts`, 'has it in its turn'),
  },
  {
    name: 'begun-document-taken-for-new',
    breaks: 'a document that begins again is folded on by what is there',
    file: `${FOLDER}/documents.ts`,
    before: 'if (!(await areWritten(projections, batch, true))) await areWritten(projections, batch, false)',
    after: 'await areWritten(projections, batch, true)',
    caughtBy: reader('looks for no document that begins'),
  },
  {
    name: 'older-document-written-over',
    breaks: 'of two members that write one document the newer one stays',
    file: `${FOLDER}/documents.ts`,
    before: 'filter: { _id: doc._id, seenVersion: { $lt: doc.seenVersion } }',
    after: 'filter: { _id: doc._id }',
    caughtBy: reader('that is fed by two members at once'),
  },
  {
    name: 'measured-by-what-is-written',
    breaks: 'figures that were there already are counted before what they measure is written',
    file: `${FOLDER}/documents.ts`,
    before: 'if (!counted.every(Boolean)) return false',
    after: 'if (false as boolean) return false',
    caughtBy: integration(`${FOLDER}/metric-projection.integration.test.ts`, 'taken to begin'),
  },
  {
    name: 'figures-behind-what-they-count',
    breaks:
      'figures are written before what they are measured by, so that a crash between the two loses no measurement',
    file: `${FOLDER}/documents.ts`,
    before: `  const counted = await Promise.all(figures.map((fold) => fold.write()))
  // By documents that are written, the figures that were there would be measured no more.
  if (!counted.every(Boolean)) return false
  const folded = await Promise.all([...folds.values()].map((fold) => fold.write()))`,
    after: `  const folded = await Promise.all([...folds.values()].map((fold) => fold.write()))
  const counted = await Promise.all(figures.map((fold) => fold.write()))
  if (!counted.every(Boolean)) return false`,
    caughtBy: integration(
      `${FOLDER}/metric-projection.integration.test.ts`,
      'a crash between what was measured',
    ),
  },
  {
    name: 'late-events-not-counted',
    breaks: 'events of a parked stream that come back late count in a metric all the same',
    file: `${FOLDER}/metric-projection.ts`,
    before: '...(isLate ? [CORRECTION, record.key] : [])',
    after: '...(isLate && record.key === CORRECTION ? [CORRECTION] : [])',
    caughtBy: reader('a metric counts what a parked stream brings late'),
  },
  {
    name: 'follower-passes-over-a-gap',
    breaks: 'a follower stops at a gap in a stream that it saw from its beginning',
    file: `${FOLDER}/follower.ts`,
    before: "case 'gap':\n      throw new StreamGap(key, head?.version ?? 0, streamVersion)",
    after: "case 'gap':\n      return taken",
    caughtBy: follower,
  },
  {
    name: 'follower-forgets-its-position',
    breaks: 'a follower that goes on from the positions of another sees exactly what was missed',
    file: `${FOLDER}/follower.ts`,
    before: 'this.#positions.set(partition, records.at(-1)!.offset + 1n)',
    after: 'this.#positions.set(partition, records.at(-1)!.offset)',
    caughtBy: follower,
  },
  {
    name: 'rejected-counts-as-seen',
    breaks: 'what a follower could not hand over comes again',
    file: `${FOLDER}/follower.ts`,
    before:
      '    if (events.length > 0) await onEvents(events)\n    for (const [streamId, stream] of streams) this.#streams.set(streamId, stream)',
    after:
      '    for (const [streamId, stream] of streams) this.#streams.set(streamId, stream)\n    if (events.length > 0) await onEvents(events)',
    caughtBy: follower,
  },
  {
    name: 'position-seen-too-early',
    breaks: 'who waits for a position waits until it was handled',
    file: `${FOLDER}/progress.ts`,
    before: 'const isSeen = () => this.next(partition) > offset',
    after: 'const isSeen = () => this.next(partition) >= offset',
    caughtBy: reader('waits until the projection holds it'),
  },
  {
    name: 'each-who-waits-asks-the-store',
    breaks: 'whoever waits for a projection does not make it slower',
    file: `${FOLDER}/progress.ts`,
    before: '(this.#looking ??= this.#look())',
    after: 'this.#look()',
    caughtBy: integration(`${FOLDER}/progress.integration.test.ts`),
  },
  {
    name: 'begun-anew-without-a-place',
    breaks: 'a group that Kafka forgot goes on where its own store says',
    file: 'packages/eventlog/src/resuming.ts',
    before: 'if (committed === undefined) return begun ?? 0n',
    after: 'if (committed === undefined) return 0n',
    caughtBy: unit(
      'packages/eventlog/src/memory.unit.test.ts',
      'a group that has no place begins where it is told',
    ),
  },
  {
    name: 'resumed-behind-the-heads',
    breaks:
      'a store that is put back to a copy of while it was written is read on from where its heads stand',
    file: `${FOLDER}/progress.ts`,
    before: '({ next, kept }) => kept ?? next',
    after: '({ next }) => next',
    caughtBy: reader('put back to an older copy'),
  },
  {
    name: 'goes-on-in-a-store-set-back',
    breaks:
      'a store that is emptied or put back under a running reader is noticed, and no place is written there',
    file: 'packages/eventlog/src/growing-places.ts',
    before: 'if (matchedCount + upsertedCount < places.size)',
    after: 'if (matchedCount < 0)',
    caughtBy: reader('under which its store is emptied'),
  },
  {
    name: 'held-up-by-a-slow-store',
    breaks: 'who waits for a position is told by the batch that brings it, however slow the store is',
    file: `${FOLDER}/progress.ts`,
    before: '    looking?.then(over.resolve, over.reject)\n',
    after: '    if (looking !== undefined) await looking\n',
    caughtBy: integration(`${FOLDER}/progress.integration.test.ts`, 'slow to answer'),
  },
  {
    name: 'dropped-under-its-reader',
    breaks: 'a version is dropped once no replica reads it',
    file: 'packages/eventlog/src/projections/building.ts',
    before: ' &&\n      (await isReadByNobody(projection, place, version))',
    after: '',
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'a version that a replica still reads',
    ),
  },
  {
    name: 'marks-not-told',
    breaks: 'whoever waits for the end of a partition does not wait for the mark of a transaction',
    file: 'packages/eventlog/src/kafka/group-member.ts',
    before: 'this.#options.onDone?.(partition, next)',
    after: '',
    caughtBy: integration('packages/eventlog/src/kafka/kafka-faults.integration.test.ts', 'in transactions'),
  },
  {
    name: 'deadline-gone-before-it-is-said',
    breaks: 'a deadline leaves the store only once the log has its wish',
    file: 'packages/eventlog/src/deadlines/ticker.ts',
    before: 'await append(',
    after: 'void append(',
    caughtBy: ticker,
  },
  {
    name: 'deadline-said-twice',
    breaks: 'a deadline that is said again is the same wish',
    file: 'packages/eventlog/src/deadlines/deadlines.ts',
    before: '`deadline ${kind}`',
    after: '`deadline ${kind} ${performance.now()}`',
    caughtBy: ticker,
  },
  {
    name: 'deadline-written-during-a-look',
    breaks: 'a deadline that is written while a look asks the store is looked for',
    file: 'packages/eventlog/src/deadlines/deadline-store.ts',
    before: `      const later = docs.findIndex(`,
    after: `      this.#earliest = Number.POSITIVE_INFINITY
      const later = docs.findIndex(`,
    caughtBy: integration(
      'packages/eventlog/src/deadlines/deadlines.integration.test.ts',
      'written while a look asks',
    ),
  },
  {
    name: 'stopped-before-it-went-over',
    breaks: 'a service that stops while it goes over to another version leaves no reader behind',
    file: 'packages/eventlog/src/projections/live.ts',
    before: '    await this.#looking\n    await this.#live.reader.stop()\n',
    after: '    await this.#live.reader.stop()\n    await this.#looking\n',
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'on memory .*leaves no reader behind',
    ),
  },
  {
    name: 'built-on-while-it-counts-as-compared',
    breaks: 'a version that is built on is compared no more from before its first event on',
    file: 'packages/eventlog/src/projections/building.ts',
    before: '  await routes.compared(projection.name, version, undefined)\n',
    after: '',
    caughtBy: integration(
      'packages/eventlog/src/projections/projections.integration.test.ts',
      'on memory .*is compared no more from',
    ),
  },
  {
    name: 'retry-answered-when-it-is-done',
    breaks: 'whoever asks for a retry is answered in time, though a batch hangs before it',
    file: ENGINE,
    before: 'void this.#lookForWishes(true)',
    after: 'await this.#lookForWishes(true)',
    caughtBy: reader('which hangs is answered in time'),
  },
  {
    name: 'cleared-deadline-stays',
    breaks: 'a deadline that was cleared, or set anew, is not wished for',
    file: 'packages/eventlog/src/deadlines/deadlines.ts',
    before: 'deadlines.filter(({ kind }) => !gone.has(kind))',
    after: 'deadlines',
    caughtBy: integration(
      'packages/eventlog/src/deadlines/deadlines.integration.test.ts',
      'what has passed is wished for',
    ),
  },
]
