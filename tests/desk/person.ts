import { randomUUID } from 'node:crypto'
import { until } from '@parley/testkit'
import type { Browser } from '../../services/agent/src/adapters/testing/browser.ts'
import type { DeskStream, deskWorld } from './world.ts'

type World = Awaited<ReturnType<typeof deskWorld>>

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, any>>
}

/** Somebody at a desk, through its doors. */
export class Person {
  readonly #world: World
  readonly #browser: Browser
  /** Of the replica that answers them. */
  readonly #url: string

  static async signedIn(world: World, login: string): Promise<Person> {
    return new Person(world, await world.signedIn(login), world.agent.url)
  }

  private constructor(world: World, browser: Browser, url: string) {
    this.#world = world
    this.#browser = browser
    this.#url = url
  }

  /** The same person in the same browser, whom another replica answers. */
  at(url: string): Person {
    return new Person(this.#world, this.#browser, url)
  }

  get(path: string): Promise<Answer> {
    return this.#world.read(this.#browser, path, this.#url)
  }

  /** @param key null: none is sent */
  async change(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body: object = {},
    key: string | null = randomUUID(),
  ): Promise<Answer> {
    const url = this.#url
    const answer = await this.#browser.ask(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        origin: url,
        ...(key !== null && { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
  }

  post(path: string, body: object = {}, key?: string | null): Promise<Answer> {
    return this.change('POST', path, body, key)
  }

  is(status: string): Promise<Answer> {
    return this.change('PUT', '/api/presence', { status })
  }

  /** What a conversation's thread shows by now; waits until it can be read, for its documents come behind what streams tell. */
  thread(id: string): Promise<Answer['body']> {
    return until('the conversation can be read', async () => {
      const { status, body } = await this.get(`/api/conversations/${id}`)
      return status === 200 ? body : undefined
    })
  }

  /** Takes what waits, once their desk may know of it: the log is ahead of what a desk is told. */
  async claims(id: string): Promise<Answer> {
    await this.thread(id)
    return this.post(`/api/conversations/${id}/claim`)
  }

  /**
   * @param lastEventId where it goes on; without it, it begins at the present
   * @param watch a conversation that is open at this desk
   */
  stream(lastEventId?: string, watch?: string): Promise<DeskStream> {
    const options = { lastEventId, ...(watch !== undefined && { watch }) }
    return this.#world.stream(this.#browser, options, this.#url)
  }
}
