/** Milliseconds that things took, by this machine's clock, which all processes of a local stack share. */
export class Clocks {
  /** From the moment that the rules had a conversation waiting to its offer at an agent's desk. */
  #offered: number[] = []
  /** From a customer's pressing "send" to the desk of the agent who has the conversation. */
  #heard: number[] = []
  /** From an agent's pressing "send" to the Graph API's acceptance. */
  #said: number[] = []
  readonly #wroteAt = new Map<string, number>()
  readonly #saidAt = new Map<string, number>()

  offered(waitingSince: string): void {
    this.#offered.push(Date.now() - Date.parse(waitingSince))
  }

  wrote(text: string): void {
    this.#wroteAt.set(text, Date.now())
  }

  heard(text: string): void {
    const at = this.#wroteAt.get(text)
    // Told again because something of it changed.
    if (at !== undefined && this.#wroteAt.delete(text)) this.#heard.push(Date.now() - at)
  }

  says(text: string): void {
    this.#saidAt.set(text, Date.now())
  }

  accepted(text: string, acceptedAt: string): void {
    const at = this.#saidAt.get(text)
    if (at !== undefined && this.#saidAt.delete(text)) this.#said.push(Date.parse(acceptedAt) - at)
  }

  /** What was measured since it was asked last. */
  take(): Latencies {
    const taken = { offered: sorted(this.#offered), heard: sorted(this.#heard), said: sorted(this.#said) }
    this.#offered = []
    this.#heard = []
    this.#said = []
    return taken
  }
}

export interface Latencies {
  /** Ascending. */
  readonly offered: readonly number[]
  readonly heard: readonly number[]
  readonly said: readonly number[]
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((one, other) => one - other)
