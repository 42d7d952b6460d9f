import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 5

/** Long work of the processor in slices: between two of its parts, what else the process has to do gets its turn. */
export class Slices {
  #since = performance.now()

  async pause(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return
    await setImmediate()
    this.#since = performance.now()
  }
}
