/** How the customer judges a conversation that an agent ended. */
export type Survey =
  /** It is asked when the conversation closes for this reason: what the customer, the company or a merge ends otherwise asks nothing. */
  { readonly step: 'due'; readonly conversationId: string; readonly reason: string } | AskedSurvey

export interface AskedSurvey {
  readonly step: 'asked'
  readonly conversationId: string
  readonly until: string
  /** 0: not answered yet. */
  readonly score: number
  readonly hasReason: boolean
}

export function justAsked(conversationId: string, until: string): AskedSurvey {
  return { step: 'asked', conversationId, until, score: 0, hasReason: false }
}

/** The one that was asked last: what is typed can be about no other. */
export function lastAsked(...surveys: readonly (Survey | null)[]): AskedSurvey | null {
  const asked = surveys.filter((survey) => survey?.step === 'asked')
  return asked.reduce<AskedSurvey | null>(
    (last, one) => (last === null || Date.parse(one.until) > Date.parse(last.until) ? one : last),
    null,
  )
}
