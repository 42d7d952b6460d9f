import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { callerEnv } from '@parley/testkit'
import { type deskWorld, until } from './world.ts'

const MAIN = new URL('../../services/agent/src/main.ts', import.meta.url).pathname
const CONFIG = new URL('../../config', import.meta.url).pathname

type World = Awaited<ReturnType<typeof deskWorld>>

/** The service as it is deployed: a process of its own, that can be killed. */
export class AgentProcess {
  readonly url: string
  readonly #desk: World
  readonly #port: number
  #process: ChildProcess

  static async start(desk: World, port: number): Promise<AgentProcess> {
    const agent = new AgentProcess(desk, port)
    await agent.#ready()
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
    await until('the service answers', async () => {
      if (this.#process.exitCode !== null)
        throw new Error(`The service ended with ${this.#process.exitCode}.`)
      const answer = await fetch(`${this.url}/api/me`).catch(() => undefined)
      return answer?.status === 401
    })
  }
}
