import { type Mutant, unit } from './mutant.ts'

const READING = 'packages/kernel/src/reading.ts'
const DECIDER = 'packages/kernel/src/decider.ts'
const reading = unit('packages/kernel/src/reading.unit.test.ts')
const deciding = unit('packages/kernel/src/decider.unit.test.ts')
const policies = unit('packages/kernel/src/policy.unit.test.ts')

/** First in the log wins, the same wish once, words beside the rules, policy on the log. */
export const KERNEL: readonly Mutant[] = [
  {
    name: 'gap-taken-for-superseded',
    breaks: 'records that are missing are a gap, never passed over',
    file: READING,
    before: "? 'next' : 'gap'",
    after: "? 'next' : 'superseded'",
    caughtBy: reading,
  },
  {
    name: 'left-out-taken-for-the-next',
    breaks: 'bytes of another writer that were left out cost no event',
    file: READING,
    before: 'return { ...stands, offset, leftOut',
    after: 'return { ...stands, version: stands.version + 1, hash, offset, leftOut',
    caughtBy: reading,
  },
  {
    name: 'losers-forgotten',
    breaks: 'what continues a record that lost has lost too',
    file: READING,
    before: 'superseded: [...head.superseded, lost.hash].slice(-SUPERSEDED_REMEMBERED)',
    after: 'superseded: head.superseded',
    caughtBy: reading,
  },
  {
    name: 'repeat-not-known-by-its-place',
    breaks: 'a record that comes again is known by its place',
    file: READING,
    before: 'if (head !== undefined && offset >= 0n && offset <= head.offset)',
    after: 'if (head !== undefined && offset >= 0n && offset === head.offset)',
    caughtBy: reading,
  },
  {
    name: 'repeat-not-known-by-its-bytes',
    breaks: 'the same record written twice is a repeat, not a loser',
    file: READING,
    before: "if (streamVersion === version && head !== undefined && head.hash.equals(hash)) return 'repeat'",
    after: '',
    caughtBy: reading,
  },
  {
    name: 'fork-accepted',
    breaks: 'the next version is accepted only where it continues the very record before it',
    file: READING,
    before: 'prevHash.length === 0 : head.hash.equals(prevHash)',
    after: 'prevHash.length === 0 : true',
    caughtBy: reading,
  },
  {
    name: 'loser-folded',
    breaks: 'a superseded event is never folded',
    file: DECIDER,
    before: 'return { ...stream, head: headBeside(stream.head, event, offset) }',
    after: 'return folded(decider, stream, event, offset, decider.family.readEvent(event.envelope))',
    caughtBy: deciding,
  },
  {
    name: 'wish-behind-the-last-one-skipped',
    breaks: 'a writer skips what lies at or below the last place that it decided, and nothing above it',
    file: DECIDER,
    before: 'if (offset <= stream.decidedOffset ||',
    after: 'if (offset <= stream.decidedOffset + 1n ||',
    caughtBy: deciding,
  },
  {
    name: 'last-wish-decided-again',
    breaks: 'the last wish that was decided is known by its place alone',
    file: DECIDER,
    before: 'if (offset <= stream.decidedOffset ||',
    after: 'if (offset < stream.decidedOffset ||',
    caughtBy: deciding,
  },
  {
    name: 'place-not-remembered',
    breaks: 'events tell how far their writer had decided',
    file: DECIDER,
    before: 'commandOffset > stream.decidedOffset ? commandOffset : stream.decidedOffset',
    after: 'stream.decidedOffset',
    caughtBy: deciding,
  },
  {
    name: 'memory-of-ids-not-asked',
    breaks: 'the same wish at two places takes effect once',
    file: DECIDER,
    before: '|| remembers(stream.memory, envelope.commandId))',
    after: ')',
    caughtBy: deciding,
  },
  {
    name: 'memory-of-ids-cut-short',
    breaks: 'a stream remembers as many ids as its family says',
    file: 'packages/kernel/src/memory.ts',
    before: 'bounded(memory, Math.ceil(most / CHUNK))',
    after: 'bounded(memory, Math.ceil(most / CHUNK) - 1)',
    caughtBy: deciding,
  },
  {
    name: 'refusal-leaves-no-trace',
    breaks: 'a refusal is an event',
    file: DECIDER,
    before: "if ('refused' in decision)\n    return recorded(",
    after:
      "if ('refused' in decision)\n    return { events: [], stream }\n  if ('refused' in decision)\n    return recorded(",
    caughtBy: reading,
  },
  {
    name: 'one-id-for-all-events',
    breaks: 'each event of a decision has an id of its own, the same whoever decides it',
    file: DECIDER,
    before: '??= deterministicId(commandId, index)',
    after: '??= deterministicId(commandId, 0)',
    caughtBy: deciding,
  },
  {
    name: 'chain-broken-within-a-decision',
    breaks: 'each record names the hash of the one before',
    file: DECIDER,
    before: 'prevHash: next.head?.hash ?? NO_HASH',
    after: 'prevHash: stream.head?.hash ?? NO_HASH',
    caughtBy: deciding,
  },
  {
    name: 'clock-of-the-machine',
    breaks: 'the same command on the same state gives the same bytes: time comes from the log',
    file: DECIDER,
    before: '      recordedAt,\n      causationId: command.commandId,',
    after: '      recordedAt: new Date().toISOString(),\n      causationId: command.commandId,',
    caughtBy: deciding,
  },
  {
    name: 'words-not-kept',
    breaks: 'words pass from an event to a later one',
    file: 'packages/kernel/src/words.ts',
    before: 'event.content.filter((part) => part.name === name).map(({ value }) => Buffer.from(value))',
    after: '[]',
    caughtBy: deciding,
  },
  {
    name: 'read-before-it-is-known',
    breaks: 'what comes again is passed over, also by a version of the code that cannot read it',
    file: DECIDER,
    before: `  if (offset <= stream.decidedOffset || remembers(stream.memory, envelope.commandId))
    return { events: [], stream }

  const wish = wishOf(decider.family.readCommand(envelope), envelope, recordedAt)
`,
    after: `  const wish = wishOf(decider.family.readCommand(envelope), envelope, recordedAt)
  if (offset <= stream.decidedOffset || remembers(stream.memory, envelope.commandId))
    return { events: [], stream }
`,
    caughtBy: deciding,
  },
  {
    name: 'words-of-before-the-decision',
    breaks: 'an event may pass on the words of an earlier one of its decision',
    file: DECIDER,
    before: 'content: wordsOf(fact.content, command.content, next.kept)',
    after: 'content: wordsOf(fact.content, command.content, stream.kept)',
    caughtBy: deciding,
  },
  {
    name: 'words-kept-for-ever',
    breaks: 'words are kept only while the state refers to them',
    file: DECIDER,
    before: ': keptWords(stream.kept, decider.keeps(state), { eventId, content })',
    after:
      ': new Map([...stream.kept, ...keptWords(stream.kept, decider.keeps(state), { eventId, content })])',
    caughtBy: deciding,
  },
  {
    name: 'words-in-the-facts',
    breaks: 'what is written of a wish holds its words apart',
    file: 'packages/kernel/src/family.ts',
    before: 'content: [...(command.content ?? [])],',
    after: 'content: [],',
    caughtBy: unit('packages/kernel/src/family.unit.test.ts'),
  },
  {
    name: 'upcast-skipped',
    breaks: 'an older version of an event is read through every step to the shape of today',
    file: 'packages/kernel/src/family.ts',
    before: 'of chain.slice(schemaVersion - 1)) data',
    after: 'of chain.slice(schemaVersion)) data',
    caughtBy: unit('packages/kernel/src/family.unit.test.ts'),
  },
  {
    name: 'upcast-that-throws',
    breaks: 'an event that a step cannot change is one that cannot be read: a writer ends',
    file: 'packages/kernel/src/family.ts',
    before:
      'throw new UnreadableRecord(`${type} v${schemaVersion} cannot be made an event of today.`, { cause })',
    after: 'throw cause',
    caughtBy: unit('packages/kernel/src/family.unit.test.ts'),
  },
  {
    name: 'gap-in-the-upcasts',
    breaks: 'a family with a gap in its chain of upcasts does not start',
    file: 'packages/kernel/src/family.ts',
    before: 'if (from !== index + 1)',
    after: 'if (from > index + 2)',
    caughtBy: unit('packages/kernel/src/family.unit.test.ts'),
  },
  {
    name: 'unreadable-event-read',
    breaks: 'bytes that name no stream or version are no event',
    file: 'packages/kernel/src/envelope.ts',
    before: "envelope.streamId === '' || envelope.streamVersion < 1 ||",
    after: "envelope.streamId === '' ||",
    caughtBy: reading,
  },
  {
    name: 'policy-of-today',
    breaks: 'a wish is decided by the policy that held at its place, not by the latest',
    file: 'packages/kernel/src/policy.ts',
    before: 'adoptions.findLast(({ from }) => from <= offset) ?? adoptions[0]',
    after: 'adoptions.at(-1) ?? adoptions[0]',
    caughtBy: policies,
  },
  {
    name: 'no-policy-before-the-first',
    breaks: 'the first policy of a partition holds from its beginning',
    file: 'packages/kernel/src/policy.ts',
    before: '?? adoptions[0])?.policy',
    after: ')?.policy',
    caughtBy: policies,
  },
  {
    name: 'policy-adopted-again',
    breaks: 'a policy that is in force is not adopted again',
    file: 'packages/kernel/src/policy.ts',
    before: 'events: adoptions.at(-1)?.hash === data.hash ? []',
    after: 'events: adoptions.length > 1_000 ? []',
    caughtBy: policies,
  },
  {
    name: 'table-changed-in-place',
    breaks: 'no change of a table shows in what it was before',
    file: 'packages/kernel/src/table.ts',
    before: 'const chunks = this.chunks.slice()',
    after: 'const chunks = this.chunks as Chunk<Value>[]',
    caughtBy: unit('packages/kernel/src/table.unit.test.ts'),
  },
]
