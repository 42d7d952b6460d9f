import { tcpProxy } from '@parley/testkit'

type Link = Parameters<Parameters<typeof tcpProxy>[2]>[0]

/** The way from browsers to a service: it can be cut, and it can fall silent. */
export class Line implements AsyncDisposable {
  readonly url: string
  readonly #proxy: Awaited<ReturnType<typeof tcpProxy>>
  readonly #links: Set<Link>
  readonly #state: { isCut: boolean; isSilent: boolean }

  static async to(port: number): Promise<Line> {
    const links = new Set<Link>()
    const state = { isCut: false, isSilent: false }
    const proxy = await tcpProxy('127.0.0.1', port, (link) => {
      if (state.isCut) return link.cut()
      links.add(link)
      link.client.once('close', () => links.delete(link))
      link.client.pipe(link.upstream)
      if (!state.isSilent) link.upstream.pipe(link.client)
    })
    return new Line(proxy, links, state)
  }

  private constructor(
    proxy: Awaited<ReturnType<typeof tcpProxy>>,
    links: Set<Link>,
    state: { isCut: boolean; isSilent: boolean },
  ) {
    this.#proxy = proxy
    this.#links = links
    this.#state = state
    this.url = `http://127.0.0.1:${proxy.port}`
  }

  /** What is open is cut, and may come back at once. */
  drop(): void {
    this.#proxy.cutAll()
  }

  cut(): void {
    this.#state.isCut = true
    this.drop()
  }

  restore(): void {
    this.#state.isCut = false
  }

  /** It stays open, and nothing comes any more: as behind a network that went away without a word. */
  silence(): void {
    this.#state.isSilent = true
    for (const { client, upstream } of this.#links) upstream.unpipe(client).pause()
  }

  speak(): void {
    this.#state.isSilent = false
    for (const { client, upstream } of this.#links) upstream.pipe(client)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]()
  }
}
