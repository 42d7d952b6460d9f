import { readPeopleIn } from '@parley/people/directory'
import {
  ArchiveServiceClient,
  ArchiveServiceService,
  GetTranscriptRequest,
  GetTranscriptResponse,
} from '@parley/proto/archive'
import { AuditServiceClient, ListEntriesRequest } from '@parley/proto/audit'
import {
  type Caller,
  grpcCall,
  grpcClient,
  grpcIdentity,
  grpcService,
  startGrpcServer,
} from '@parley/service'
import { callerCredentials, callerEnv } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { auditGrpc } from './audit-grpc.ts'
import { archivePeople } from './archive-people.ts'

const nothing = async () => ({}) as never

/** Of config/people.yaml. */
const [AUDITOR, SUPERVISOR] = ['p10', 'p07']

/** The audit as the archive serves it, beside a method of another service. */
async function asked(caller: Caller) {
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [
      auditGrpc(
        { list: async () => ({ entries: [], next: undefined }) },
        { whenProcessed: async () => true },
      ),
      grpcService(ArchiveServiceService, {
        getTranscript: async () => GetTranscriptResponse.fromPartial({}),
        listConversations: nothing,
        issueTranscriptLink: nothing,
        revokeTranscriptLink: nothing,
      }),
    ],
    isReady: () => true,
    identity: await grpcIdentity('archive', callerEnv('archive')),
    permits: archivePeople(await readPeopleIn('config'), { changesOf: async () => ({}) }).permits,
  })
  onTestFinished(() => server.close())
  const credentials = await callerCredentials(caller)
  const audit = grpcClient(AuditServiceClient, `127.0.0.1:${server.port}`, credentials)
  const archive = grpcClient(ArchiveServiceClient, `127.0.0.1:${server.port}`, credentials)
  onTestFinished(() => [audit, archive].forEach((client) => client.close()))
  const options = (person?: string) => ({ timeoutMs: 30_000, ...(person === undefined ? {} : { person }) })
  return {
    entries: (person?: string) =>
      grpcCall(audit, 'listEntries', ListEntriesRequest.fromPartial({}), options(person)),
    transcript: (person?: string) =>
      grpcCall(archive, 'getTranscript', GetTranscriptRequest.fromPartial({}), options(person)),
  }
}

test('the agent service reads the audit for an auditor whom it names, and for nobody else', async () => {
  const { entries, transcript } = await asked('agent')
  await expect(entries(AUDITOR)).resolves.toMatchObject({ entries: [], nextPageToken: '' })
  await expect(entries()).rejects.toMatchObject({ code: 'PERSON_MISSING' })
  await expect(entries(SUPERVISOR)).rejects.toMatchObject({ code: 'PERSON_NOT_PERMITTED' })
  await expect(transcript(AUDITOR)).resolves.toBeDefined()
  await expect(transcript('somebody')).rejects.toMatchObject({ code: 'PERSON_NOT_PERMITTED' })
})

test('a tool and an operator read it for themselves; other services do not', async () => {
  for (const caller of ['tool', 'operator'] as const)
    await expect((await asked(caller)).entries()).resolves.toMatchObject({ entries: [] })
  for (const caller of ['bot', 'gateway', 'routing'] as const)
    await expect((await asked(caller)).entries()).rejects.toMatchObject({ status: 7 })
})
