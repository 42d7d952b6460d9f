import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { StoredHeads } from '@parley/eventlog'
import { GetTranscriptRequest } from '@parley/proto/archive'
import { grpcCall } from '@parley/service'
import { until } from '@parley/testkit'
import { expect, test } from 'vitest'
import { bankStory } from './page/bank-story.fixture.ts'
import { peopleStory } from './page/people-story.fixture.ts'
import { type RunningArchive, startArchive } from './testing.fixture.ts'
import type { Story } from './transcript/story.fixture.ts'

const run = promisify(execFile)
const COLLECTIONS = [
  (version: number) => `transcript_entries_v${version}`,
  (version: number) => `transcript_conversations_v${version}`,
]

interface Finished {
  readonly code: number
  /** Undefined: there is none. */
  readonly result: Readonly<Record<string, unknown>> | undefined
  readonly stderr: string
}

/** As an operator calls it: the command, on another process. */
async function projection(archive: RunningArchive, ...args: readonly string[]): Promise<Finished> {
  const program = fileURLToPath(new URL('../../../infra/operator/src/parley.ts', import.meta.url))
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const env = { PATH, HOME, NODE_COMPILE_CACHE, ...archive.env }
  const { code, stdout, stderr } = await run(process.execPath, [program, 'projection', ...args], {
    env,
  }).then(
    (ended) => ({ code: 0, ...ended }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  return { code, result: stdout === '' ? undefined : (JSON.parse(stdout) as Finished['result']), stderr }
}

async function documents(archive: RunningArchive, version: number): Promise<unknown> {
  return Promise.all(
    COLLECTIONS.map((nameOf) => archive.db.collection(nameOf(version)).find().sort({ _id: 1 }).toArray()),
  )
}

async function archivedAll(
  archive: RunningArchive,
  version: number,
  stories: readonly Story[],
): Promise<void> {
  await until(`all is archived in version ${version}`, async () => {
    const heads = await new StoredHeads(archive.db, `transcripts_v${version}`).of(
      stories.map(({ contactId }) => contactId),
    )
    return stories.every(({ contactId, events }) => heads.get(contactId)?.version === events.length)
  })
}

test('transcripts that are rebuilt from the log are the live ones, with the robot and with people; a version that differs is not switched to; the route leads back', async () => {
  await using archive = await startArchive()
  const stories = Array.from({ length: 8 }, (_, index) =>
    (index % 2 === 0 ? bankStory : peopleStory)((['pt', 'en', 'bn'] as const)[index % 3] ?? 'en', {
      contactId: randomUUID(),
      conversationId: randomUUID(),
      prefix: `${index}-`,
    }),
  )
  for (const story of stories) await archive.append(story.events)
  await archivedAll(archive, 1, stories)

  expect(await projection(archive, 'rebuild', 'transcripts')).toMatchObject({
    code: 0,
    result: { live: 1, version: 2, isSwitched: true, streams: 8, differentCount: 0, unsettledCount: 0 },
  })
  expect(await documents(archive, 2)).toEqual(await documents(archive, 1))
  // Whoever goes step by step finds that it was done, and how the two compared.
  expect(await projection(archive, 'compare', 'transcripts')).toMatchObject({
    code: 0,
    result: { live: 1, version: 2, isSwitched: true, streams: 8, differentCount: 0, unsettledCount: 0 },
  })
  expect(await projection(archive, 'switch', 'transcripts')).toMatchObject({
    code: 0,
    result: { version: 2, previous: 1 },
  })

  // The running service follows the route: what comes now is folded into the new version, and read from it.
  const [story] = stories
  let said = 0
  await until('the service reads the new version', async () => {
    said += 1
    story!.wrote('one more', { id: `more-${said}` })
    const seen = await archive.append(story!.events.slice(-1))
    const { entries } = await grpcCall(
      archive.client,
      'getTranscript',
      GetTranscriptRequest.fromPartial({ conversationId: story!.conversationId }),
      { timeoutMs: 10_000, seen },
    )
    // Whatever version answers, it has seen what was just written.
    expect(entries.filter(({ text }) => text === 'one more')).toHaveLength(said)
    const { contactId, events } = story!
    const heads = await new StoredHeads(archive.db, 'transcripts_v2').of([contactId])
    return heads.get(contactId)?.version === events.length
  })

  // A document that is not what the log says.
  await archive.db
    .collection<{ _id: string; streamId: string; type?: string }>('transcript_entries_v2')
    .updateOne({ _id: story!.id('in-1') }, { $set: { type: 'forged' } })
  expect(await projection(archive, 'rebuild', 'transcripts')).toMatchObject({
    code: 1,
    result: { version: 3, isSwitched: false, different: [story!.contactId] },
  })
  expect(await projection(archive, 'switch', 'transcripts', '--accept-differences')).toMatchObject({
    code: 0,
    result: { version: 3, previous: 2 },
  })
  expect(await projection(archive, 'rollback', 'transcripts')).toMatchObject({
    code: 0,
    result: { version: 2, previous: 3 },
  })
  // What there is not to be compared, switched to or gone back to is told in a sentence.
  for (const command of ['compare', 'switch', 'rollback'])
    expect(await projection(archive, command, 'audit')).toEqual({
      code: 1,
      result: undefined,
      stderr: expect.stringMatching(/^parley: No version of audit .*\(NO_SUCH_VERSION\)\n$/),
    })
  expect(await projection(archive, 'list')).toMatchObject({
    result: [
      { name: 'transcripts', service: 'archive', version: 2 },
      { name: 'audit', service: 'archive', version: 1 },
      { name: 'conversation_figures', service: 'archive', version: 1 },
      { name: 'pool_figures', service: 'archive', version: 1 },
      { name: 'search', service: 'archive', version: 1 },
      { name: 'conversations', service: 'agent', version: 1 },
      { name: 'desk_pool', service: 'agent', version: 1 },
      { name: 'evaluations', service: 'agent', version: 1 },
      { name: 'pool_configurations', service: 'routing', version: 1 },
      { name: 'queue_calendars', service: 'bot', version: 1 },
      { name: 'workforce_deadlines', service: 'routing', version: 1 },
      { name: 'conversation_deadlines', service: 'routing', version: 1 },
    ],
  })
}, 240_000)
