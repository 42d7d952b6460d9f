/** Names derive from one namespace, so that several installations (or tests) can share a broker. */
export interface Topics {
  readonly conversationCommands: string
  readonly conversationEvents: string
  readonly deadLetters: string
}

/** @param namespace `parley` in production */
export function topicsOf(namespace: string): Topics {
  return {
    conversationCommands: `${namespace}.conversation.commands`,
    conversationEvents: `${namespace}.conversation.events`,
    deadLetters: `${namespace}.dead-letters`,
  }
}
