import { Agent, request } from 'undici'

/** A call to the Graph API that the simulator accepted. `body` is the request as the product sent it. */
export interface SentMessage {
  readonly id: string
  readonly waId: string
  readonly acceptedAt: string
  readonly body: GraphSend
}

interface GraphChoice {
  readonly id: string
  readonly title: string
}

export interface GraphSend {
  readonly type: string
  readonly biz_opaque_callback_data?: string
  readonly text?: { readonly body: string }
  readonly interactive?: {
    readonly type: string
    readonly body: { readonly text: string }
    readonly action: {
      readonly buttons?: readonly { readonly reply: GraphChoice }[]
      readonly sections?: readonly { readonly rows: readonly GraphChoice[] }[]
      readonly parameters?: { readonly url: string }
    }
  }
}

/** The control interface of the simulator: what a customer does, and what reached them. */
export class SimulatorControl {
  readonly #url: string
  readonly #agent = new Agent({ connections: 32, pipelining: 1 })

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '')
  }

  async #json<Answer>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
    const ask = () =>
      request(this.#url + path, {
        method,
        dispatcher: this.#agent,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
    let response = await ask()
    // A process that stood still looks at its clock before it reads: nothing was done.
    while (response.statusCode === 408) {
      await response.body.dump()
      response = await ask()
    }
    if (response.statusCode >= 300)
      throw new Error(`${method} ${path}: ${response.statusCode} ${await response.body.text()}`)
    return (await response.body.json()) as Answer
  }

  /** One element of `messages[]`; gives its provider message id. */
  async write(waId: string, message: Readonly<Record<string, unknown>>): Promise<string> {
    const { id } = await this.#json<{ id: string }>('POST', `/_sim/customers/${waId}/messages`, message)
    return id
  }

  /** One element of `message_echoes[]`: what somebody of the company writes to the customer in the WhatsApp Business app. */
  async writeInApp(waId: string, message: Readonly<Record<string, unknown>>): Promise<string> {
    const { id } = await this.#json<{ id: string }>('POST', `/_sim/customers/${waId}/echoes`, message)
    return id
  }

  async sent(waId: string): Promise<readonly SentMessage[]> {
    const { sent } = await this.#json<{ sent: SentMessage[] }>(
      'GET',
      `/_sim/sent?waId=${encodeURIComponent(waId)}`,
    )
    return sent
  }

  /** Of all customers without the first `from`, and what to go on with. */
  async sentFrom(from: number): Promise<{ readonly sent: readonly SentMessage[]; readonly next: number }> {
    return this.#json('GET', `/_sim/sent?from=${from}`)
  }

  async faults(faults: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#json('POST', '/_sim/faults', faults)
  }

  async close(): Promise<void> {
    await this.#agent.close()
  }
}
