import { type CustomerOptions, type CustomerRecord, type Wish, playCustomer } from './customer.ts'
import type { SimulatorControl } from './simulator-control.ts'

/** What customers want where agents are there. */
export const WITH_PEOPLE: readonly Wish[] = ['robot', 'person', 'person_for_card']

/**
 * `size` customers talk at the same time; while `goesOn`, each that is done is followed by a new one.
 * @param wishes what they want, one after the other
 */
export async function playCrowd(
  simulator: SimulatorControl,
  size: number,
  options: CustomerOptions,
  goesOn: () => boolean = () => false,
  wishes: readonly Wish[] = ['robot'],
): Promise<CustomerRecord[]> {
  const records: CustomerRecord[] = []
  // Numbers that no earlier run has used.
  let next = 5_511_900_000_000 + (Math.floor(Date.now() / 1000) % 10_000_000) * 1000
  const oneAfterTheOther = async (): Promise<void> => {
    do {
      const waId = String(next)
      const wish = wishes[next % wishes.length]
      next += 1
      records.push(await playCustomer(simulator, waId, options, wish))
    } while (goesOn())
  }
  await Promise.all(Array.from({ length: size }, oneAfterTheOther))
  return records
}
