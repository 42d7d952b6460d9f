import { type Agreement, agreementOf } from '@parley/evaluation'
import { BLIND_MS, type Evaluation, isBySameForm } from './evaluation.ts'

export interface Calibration extends Agreement {
  readonly items: readonly ({ readonly item: string } & Agreement)[]
}

/** How far two judges of the same conversations agree. @param evaluations of one form, of conversations that two are to judge */
export function calibrationOf(evaluations: readonly Evaluation[]): Calibration {
  const byConversation = Map.groupBy(evaluations, ({ conversationId }) => conversationId)
  const pairs = [...byConversation.values()].flatMap((judged) => {
    const [one, other] = blindPairOf(judged)
    return one === undefined || other === undefined
      ? []
      : one.answers.flatMap(({ item, value }) => {
          const theirs = other.answers.find((answer) => answer.item === item)
          return theirs === undefined ? [] : [{ item, pair: [value, theirs.value] as const }]
        })
  })
  const byItem = [...Map.groupBy(pairs, ({ item }) => item)].map(
    ([item, all]) => [item, all.map(({ pair }) => pair)] as const,
  )
  return {
    ...agreementOf(...byItem.map(([, all]) => all)),
    items: byItem.map(([item, all]) => ({ item, ...agreementOf(all) })),
  }
}

/**
 * The two that judged without knowing of each other: whoever judges after them has read both. None, where one of the two is withdrawn, they went
 * by different versions or texts of the form, or the second may have read the first. The same of two people is always the first, for chance is reckoned by how each of them judges.
 */
function blindPairOf(judged: readonly Evaluation[]): readonly Evaluation[] {
  const pair = judged
    .toSorted((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)))
    .slice(0, 2)
  const isBlind = ({ at }: Evaluation) => Date.parse(at) - Date.parse(pair[0]?.at ?? at) < BLIND_MS
  return pair.some((one) => one.status === 'withdrawn' || !isBySameForm(one, pair[0] ?? one) || !isBlind(one))
    ? []
    : pair.toSorted((one, other) => (one.judgeId < other.judgeId ? -1 : 1))
}
