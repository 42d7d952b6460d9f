import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { callerEnv } from '@parley/testkit'
import { expect, test } from 'vitest'
import { factsOf } from '../../services/routing/test/story.ts'
import { Person } from './person.ts'
import { deskWorld, until } from './world.ts'

const MAIN = new URL('../../services/agent/src/main.ts', import.meta.url).pathname
const CONFIG = new URL('../../config', import.meta.url).pathname

test('the agent service is killed while people write: sent again with their keys, each message is said once, and each is answered', async () => {
  await using desk = await deskWorld()
  await desk.agent.stop()
  await using agent = await AgentProcess.start(desk)
  const ana = await Person.signedIn(desk, 'ana')
  const { contact, conversationId: id } = await desk.waits('general')
  await ana.is('busy')
  expect(await ana.post(`/api/conversations/${id}/claim`)).toMatchObject({ status: 200 })

  const path = `/api/conversations/${id}/messages`
  const texts = Array.from({ length: 12 }, (_, nth) => ({ key: randomUUID(), text: `Resposta ${nth}` }))
  const said = async () =>
    factsOf(await desk.told(contact), 'MessageSendRequested').filter(
      ({ purpose }) => purpose === 'agent_message',
    )
  const first = texts.map(({ key, text }) =>
    ana.post(path, { type: 'text', text }, key).catch(() => undefined),
  )
  // In between: some are decided, and perhaps not one is answered.
  await until('one is decided', async () => (await said()).length > 0)
  await agent.killed()
  await Promise.all(first)

  await agent.startAgain()
  const again = await Promise.all(
    texts.map(({ key, text }) =>
      until(`${text} is answered`, async () => {
        const answer = await ana.post(path, { type: 'text', text }, key)
        return answer.status === 202 ? undefined : answer
      }),
    ),
  )
  expect(again.map(({ status }) => status)).toEqual(texts.map(() => 200))
  const events = await said()
  expect(events).toHaveLength(texts.length)
  expect(new Set(again.map(({ body }) => body['messageId']))).toEqual(
    new Set(events.map(({ messageId }) => messageId)),
  )
})

/** The service as it is deployed: a process of its own, that can be killed. */
class AgentProcess {
  readonly #desk: Awaited<ReturnType<typeof deskWorld>>
  #process: ChildProcess

  static async start(desk: Awaited<ReturnType<typeof deskWorld>>): Promise<AgentProcess> {
    const agent = new AgentProcess(desk)
    await agent.#ready()
    return agent
  }

  private constructor(desk: Awaited<ReturnType<typeof deskWorld>>) {
    this.#desk = desk
    this.#process = this.#spawned()
  }

  async killed(): Promise<void> {
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
  }

  async startAgain(): Promise<void> {
    this.#process = this.#spawned()
    await this.#ready()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.killed()
  }

  #spawned(): ChildProcess {
    const { around, identity } = this.#desk
    return spawn(process.execPath, [MAIN], {
      stdio: 'ignore',
      env: {
        ...process.env,
        LOG_LEVEL: 'silent',
        KAFKA_BROKERS: around.brokers.join(','),
        MONGODB_URI: around.mongoUri,
        PARLEY_NAMESPACE: around.namespace,
        PARLEY_CONFIG_DIR: CONFIG,
        AGENT_GRPC_PORT: '0',
        AGENT_PROBE_PORT: '0',
        ...callerEnv('agent'),
        ...identity.env,
      },
    })
  }

  async #ready(): Promise<void> {
    const { url } = this.#desk.agent
    await until('the service answers', async () => {
      if (this.#process.exitCode !== null)
        throw new Error(`The service ended with ${this.#process.exitCode}.`)
      const answer = await fetch(`${url}/api/me`).catch(() => undefined)
      return answer?.status === 401
    })
  }
}
