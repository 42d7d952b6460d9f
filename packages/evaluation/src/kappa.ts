/** Agreement of two judges beyond what chance would give. */
export interface Agreement {
  /** How many things both judged. */
  readonly count: number
  /** The share of them that they judged alike, 0 to 1; null: there is none. */
  readonly observed: number | null
  /** Cohen's kappa, -1 to 1; null where nothing was judged, or where both always said the same one thing and chance explains all of it. */
  readonly kappa: number | null
}

/**
 * Cohen's kappa (J. Cohen, A coefficient of agreement for nominal scales, 1960): (observed − by chance) ÷ (1 − by chance), where chance is
 * that both say the same if each said each value as often as they did, without looking.
 * @param pairs what one and the other said of the same thing
 */
export function agreementOf(pairs: readonly (readonly [number, number])[]): Agreement {
  const count = pairs.length
  if (count === 0) return { count, observed: null, kappa: null }
  const observed = pairs.filter(([one, other]) => one === other).length / count
  const share = (which: 0 | 1, value: number) => pairs.filter((pair) => pair[which] === value).length / count
  const values = new Set(pairs.flat())
  const byChance = [...values].reduce((sum, value) => sum + share(0, value) * share(1, value), 0)
  return { count, observed, kappa: byChance === 1 ? null : (observed - byChance) / (1 - byChance) }
}
