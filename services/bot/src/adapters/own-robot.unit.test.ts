import { RespondRequest } from '@parley/proto/bot'
import { createLogger } from '@parley/service'
import { expect, test } from 'vitest'
import { writeSession } from '../flow/session.ts'
import type { RespondPorts } from '../turn/respond.ts'
import { ownRobot } from './own-robot.ts'

const log = createLogger({ service: 'bot', level: 'silent' })
const session = writeSession({
  flow: 'f',
  digest: 'd',
  step: 's',
  asked: { turn: 1, shows: '' },
  said: [],
  pieces: [],
  hadMoment: false,
  wasCalledOff: false,
  offered: '',
  idle: 0,
  misfits: 0,
  answers: [],
  kept: [],
  variables: {},
})
const request = RespondRequest.fromPartial({ turnId: 't', session, at: '2026-11-22T15:00:00Z' })

/** All that these turns ask for is the flow that they began with. */
function robot(byDigest: RespondPorts['library']['byDigest'], timeoutMs = 30_000) {
  const library = { byDigest } as RespondPorts['library']
  const call = async () => ({ ok: false, why: 'TIMEOUT' }) as const
  return ownRobot({ library, call, calendars: async () => undefined, secrets: {} }, timeoutMs, log)
}

test('a version of a flow that is gone says so, as it does over the wire', async () => {
  await expect(robot(async () => undefined).ask(request)).rejects.toMatchObject({ code: 'FLOW_VERSION_GONE' })
})

test('a robot that takes too long is not waited for', async () => {
  const never = Promise.withResolvers<undefined>()
  await expect(robot(() => never.promise, 5).ask(request)).rejects.toMatchObject({
    code: 'RESPONDER_TIMEOUT',
  })
})

test('whatever a robot throws is the failure of this turn alone', async () => {
  const broken = new Error('the store is away')
  const asked = robot(() => Promise.reject(broken)).ask(request)
  await expect(asked).rejects.toMatchObject({ code: 'RESPONDER_ERROR', cause: broken })
})
