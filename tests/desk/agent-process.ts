import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { callerEnv } from '@parley/testkit'
import { PARTITIONS, type deskWorld } from './world.ts'

const MAIN = fileURLToPath(new URL('../../services/agent/src/main.ts', import.meta.url))
const CONFIG = fileURLToPath(new URL('../../config', import.meta.url))
/** A process compiles all of it, on a machine that does other work. */
const READY_WITHIN_MS = 90_000

type World = Awaited<ReturnType<typeof deskWorld>>

/** The service as it is deployed: a process of its own, that can be killed. */
export class AgentProcess {
  readonly url: string
  readonly #desk: World
  readonly #port: number
  #process: ChildProcess

  static async start(desk: World, port: number): Promise<AgentProcess> {
    const agent = new AgentProcess(desk, port)
    try {
      await agent.#ready()
    } catch (error) {
      await agent[Symbol.asyncDispose]()
      throw error
    }
    return agent
  }

  private constructor(desk: World, port: number) {
    this.url = `http://localhost:${port}`
    this.#desk = desk
    this.#port = port
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
        PARLEY_PARTITIONS: String(PARTITIONS),
        PARLEY_CONFIG_DIR: CONFIG,
        AGENT_GRPC_PORT: '0',
        AGENT_PROBE_PORT: '0',
        ...callerEnv('agent'),
        ...identity.env,
        AGENT_HTTP_PORT: String(this.#port),
      },
    })
  }

  async #ready(): Promise<void> {
    for (const deadline = performance.now() + READY_WITHIN_MS; ; await pause(50)) {
      const { exitCode, signalCode } = this.#process
      if (exitCode !== null || signalCode !== null)
        throw new Error(`The service ended with ${exitCode ?? signalCode}.`)
      const answer = await fetch(`${this.url}/api/me`).catch(() => undefined)
      if (answer?.status === 401) return
      if (performance.now() > deadline)
        throw new Error(`The service does not answer within ${READY_WITHIN_MS} ms.`)
    }
  }
}
