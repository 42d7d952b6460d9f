import type { FaultPlan } from '../faults/faults.ts'
import type { Posted, WebhookDelivery } from '../webhook/delivery.ts'
import { faultyLanes } from '../webhook/faulty-lanes.ts'

/** What both sides of the network say goes to the product through here, with the faults of the moment, until a reset. */
export class Air {
  faults: FaultPlan | undefined
  readonly #lanes: ReturnType<typeof faultyLanes>
  #era = 0

  constructor(delivery: WebhookDelivery, random: () => number) {
    this.#lanes = faultyLanes(delivery, random)
  }

  post(kind: 'message' | 'status', customerKeys: readonly string[], body: Buffer): Posted {
    return this.#lanes.post(kind, customerKeys, body, this.faults)
  }

  /** Tells whether there was no reset since: of what was said before one, nothing comes any more. */
  sinceNow(): () => boolean {
    const bornIn = this.#era
    return () => this.#era === bornIn
  }

  struckBy(faults: FaultPlan | undefined): void {
    this.faults = faults
    this.#lanes.letGo()
  }

  pending(): number {
    return this.#lanes.pending()
  }

  clear(): void {
    this.#era += 1
    this.#lanes.clear()
  }
}
