import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RespondRequest, ResponderServiceService } from '@parley/proto/bot'
import { grpcIdentity, grpcService, startGrpcServer } from '@parley/service'
import { callerEnv } from '@parley/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkFlow } from '../flow/checking.ts'
import type { Flow } from '../flow/flow.ts'
import { type ArchivedFlow, type FlowArchive, flowLibrary } from '../turn/library.ts'
import { robotClient } from './responder-client.ts'
import { responderService } from './responder-server.ts'

const identity = await grpcIdentity('bot', callerEnv('bot'))
const SOURCE = readFileSync(join(import.meta.dirname, '../../../../config/flows/atendimento.yaml'), 'utf8')
const flowOf = (source: string): Flow => checkFlow('atendimento.yaml', source).flow!

/** As the collection, in memory. */
function archiveOf(...sources: string[]): FlowArchive {
  const kept = new Map<string, ArchivedFlow>()
  const archive: FlowArchive = {
    keep: async (flows) => {
      for (const flow of flows) kept.set(flow.digest, flow)
    },
    find: async (digest) => kept.get(digest),
  }
  for (const source of sources) {
    const flow = flowOf(source)
    void archive.keep([{ digest: flow.digest, flow: flow.id, version: flow.version, source }])
  }
  return archive
}

async function serving(source: string, archive: FlowArchive) {
  const entry = flowOf(source)
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    isReady: () => true,
    identity,
    services: [
      responderService({
        library: flowLibrary(entry, [entry], archive),
        call: async () => ({ ok: false, why: 'TIMEOUT' }),
        calendars: async () => undefined,
        secrets: {},
      }),
    ],
  })
  return { server, robot: robotClient(`127.0.0.1:${server.port}`, identity, 30_000) }
}

const request = (turn: number, session: string, text: string) =>
  RespondRequest.fromPartial({
    conversationId: 'c',
    turnId: `t${turn}`,
    turn,
    language: 'pt',
    session,
    at: '2026-11-22T15:00:00Z',
    inputs: [
      { message: { body: { $case: 'text', value: { text } } }, seenTurn: turn - 1, askedTurn: turn - 1 },
    ],
  })

const OLD = SOURCE.replace('Onde foi?', 'Em que lugar foi?')
let old: Awaited<ReturnType<typeof serving>>
let current: Awaited<ReturnType<typeof serving>>
beforeAll(async () => {
  old = await serving(OLD, archiveOf(OLD))
  current = await serving(SOURCE, archiveOf(OLD, SOURCE))
})
afterAll(async () => {
  for (const { robot, server } of [old, current]) {
    await robot.close()
    await server.close()
  }
})

describe('the Responder of flows', () => {
  test('answers a first turn with the flow and its version', async () => {
    const response = await current.robot.ask(request(1, '', 'oi'))
    expect(response).toMatchObject({
      responder: 'flows',
      flow: 'atendimento',
      flowVersion: expect.stringMatching(/^1-[0-9a-f]{12}$/),
    })
    expect(response.actions).toHaveLength(2)
  })
  test('a conversation stays on the version that it began with, through a release of another', async () => {
    let session = (await old.robot.ask(request(1, '', 'oi'))).session
    const talking = old.robot
    for (const [index, text] of ['perdi meu cartão', '529.982.247-25', '4321'].entries())
      session = (await talking.ask(request(index + 2, session, text))).session
    const response = await current.robot.ask(request(5, session, 'ontem'))
    expect(response.actions[0]).toMatchObject({
      action: {
        value: {
          message: { body: { value: { text: expect.stringContaining('Em que lugar foi?') } } },
        },
      },
    })
  })
  test('asked again, it answers the same', async () => {
    const [one, two] = await Promise.all([
      current.robot.ask(request(1, '', 'oi')),
      current.robot.ask(request(1, '', 'oi')),
    ])
    expect(one).toEqual(two)
  })
  test.each([
    '{}',
    'not ours',
    '{"flow":"atendimento","digest":"0000","step":"menu","misfits":0,"variables":{}}',
  ])('a session of no version that is known (%s) is FLOW_VERSION_GONE', async (session) => {
    await expect(current.robot.ask(request(1, session, 'oi'))).rejects.toMatchObject({
      code: 'FLOW_VERSION_GONE',
    })
  })
  test('a request without a turn or a clock is refused', async () => {
    await expect(current.robot.ask(RespondRequest.fromPartial({}))).rejects.toMatchObject({
      code: 'RESPONDER_ERROR',
      cause: { code: 'TURN_INVALID' },
    })
  })
})

describe('another robot', () => {
  test('that does not answer in time is RESPONDER_TIMEOUT', async () => {
    const never = grpcService(ResponderServiceService, {
      respond: (_request, _metadata, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
    })
    const server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      isReady: () => true,
      identity,
      services: [never],
    })
    const robot = robotClient(`127.0.0.1:${server.port}`, identity, 200)
    await expect(robot.ask(request(1, '', 'oi'))).rejects.toMatchObject({ code: 'RESPONDER_TIMEOUT' })
    await robot.close()
    await server.close()
  })
  test('that fails is RESPONDER_ERROR', async () => {
    const broken = grpcService(ResponderServiceService, { respond: () => Promise.reject(new Error('no')) })
    const server = await startGrpcServer({
      host: '127.0.0.1',
      port: 0,
      isReady: () => true,
      identity,
      services: [broken],
    })
    const robot = robotClient(`127.0.0.1:${server.port}`, identity, 30_000)
    await expect(robot.ask(request(1, '', 'oi'))).rejects.toMatchObject({ code: 'RESPONDER_ERROR' })
    await robot.close()
    await server.close()
  })
  test('that is not there is asked until the time is up', async () => {
    const robot = robotClient('127.0.0.1:1', identity, 500)
    await expect(robot.ask(request(1, '', 'oi'))).rejects.toMatchObject({
      code: 'RESPONDER_ERROR',
      cause: { code: 'UNAVAILABLE' },
    })
    await robot.close()
  })
})
