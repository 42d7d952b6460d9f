import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { GetTranscriptRequest } from '@parley/proto/archive'
import { grpcCall } from '@parley/service'
import { expect, test } from 'vitest'
import { bankStory } from './page/bank-story.fixture.ts'
import { type RunningArchive, startArchive, until } from './testing.fixture.ts'
import type { Story } from './transcript/story.fixture.ts'

const run = promisify(execFile)
const COLLECTIONS = [
  (version: number) => `transcript_entries_v${version}`,
  (version: number) => `transcript_conversations_v${version}`,
  (version: number) => `transcript_v${version}_heads`,
]

interface Finished {
  readonly code: number
  readonly report: {
    readonly switched: boolean
    readonly different: readonly string[]
    readonly streams: number
  }
}

async function rebuild(archive: RunningArchive, ...args: readonly string[]): Promise<Finished> {
  const program = new URL('rebuild.ts', import.meta.url).pathname
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, ...archive.env }
  const { code, stdout } = await run(process.execPath, [program, ...args], { env }).then(
    (ended) => ({ code: 0, stdout: ended.stdout }),
    (error: { code: number; stdout: string }) => error,
  )
  return { code, report: JSON.parse(stdout) as Finished['report'] }
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
    const heads = await archive.db
      .collection<{ _id: string; version: number }>(`transcript_v${version}_heads`)
      .find()
      .toArray()
    return stories.every(({ contactId, events }) =>
      heads.some((head) => head._id === contactId && head.version === events.length),
    )
  })
}

test('transcripts that are rebuilt from the log are the live ones; a version that differs is not switched to; the route leads back', async () => {
  await using archive = await startArchive()
  const stories = Array.from({ length: 8 }, (_, index) =>
    bankStory((['pt', 'en', 'bn'] as const)[index % 3] ?? 'en', {
      contactId: randomUUID(),
      conversationId: randomUUID(),
      prefix: `${index}-`,
    }),
  )
  for (const story of stories) await archive.append(story.events)
  await archivedAll(archive, 1, stories)

  const first = await rebuild(archive)
  expect(first).toMatchObject({
    code: 0,
    report: { from: 1, to: 2, switched: true, streams: 8, different: [] },
  })
  expect(await documents(archive, 2)).toEqual(await documents(archive, 1))

  // The running service follows the route: what comes now is folded into the new version.
  const [story] = stories
  story!.wrote('one more', { id: 'more' })
  await archive.append(story!.events.slice(-1))
  await archivedAll(archive, 2, stories)
  await until('the service answers from the new version', async () => {
    const { entries } = await grpcCall(
      archive.client,
      'getTranscript',
      GetTranscriptRequest.fromPartial({ conversationId: story!.conversationId }),
      { timeoutMs: 5_000 },
    )
    return entries.some(({ text }) => text === 'one more')
  })

  // A document that is not what the log says.
  await archive.db
    .collection<{ _id: string; streamId: string; type?: string }>('transcript_entries_v2')
    .updateOne({ _id: story!.id('in-1') }, { $set: { type: 'forged' } })
  const second = await rebuild(archive)
  expect(second).toMatchObject({ code: 1, report: { switched: false, different: [story!.contactId] } })
  const accepted = await rebuild(archive, '--accept-differences')
  expect(accepted).toMatchObject({ code: 0, report: { from: 2, to: 3, switched: true } })
  expect(await rebuild(archive, '--switch-to', '2')).toMatchObject({
    code: 0,
    report: { from: 3, to: 2, switched: true },
  })
}, 120_000)
