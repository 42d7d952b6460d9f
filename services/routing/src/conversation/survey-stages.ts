/** How the customer judges a conversation that an agent ended. */
export type Survey =
  /** It is asked when the conversation closes for this reason: what the customer, the company or a merge ends otherwise asks nothing. */
  | { readonly step: 'due'; readonly conversationId: string; readonly reason: string }
  | {
      readonly step: 'asked'
      readonly conversationId: string
      readonly until: string
      /** 0: not answered yet. */
      readonly score: number
      readonly hasReason: boolean
    }
