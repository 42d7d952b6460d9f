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
 * that both say the same if each said each value as often as they did, without looking. Of several items that is reckoned within each: who
 * always says 1 of the one and 0 of the other, as everybody does, agrees by habit, and their values together would look like judgement (the
 * pooled kappa of H. de Vries and others, Using Pooled Kappa to Summarize Interrater Agreement across Many Items, 2008).
 * @param items of each, what one and the other said of the same thing
 */
export function agreementOf(...items: readonly (readonly Pair[])[]): Agreement {
  const count = items.reduce((sum, pairs) => sum + pairs.length, 0)
  if (count === 0) return { count, observed: null, kappa: null }
  const alike = items.flat().filter(([one, other]) => one === other).length
  const byChance = items.reduce((sum, pairs) => sum + alikeByChance(pairs), 0)
  return {
    count,
    observed: alike / count,
    kappa: byChance === count ? null : (alike - byChance) / (count - byChance),
  }
}

type Pair = readonly [number, number]

/** How many of them. */
function alikeByChance(pairs: readonly Pair[]): number {
  const times = (which: 0 | 1, value: number) => pairs.filter((pair) => pair[which] === value).length
  const values = new Set(pairs.flat())
  return [...values].reduce((sum, value) => sum + (times(0, value) * times(1, value)) / pairs.length, 0)
}
