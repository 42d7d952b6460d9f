/** What the archive counts, each with the version of how it counts: another way to count is another subject beside the old one. */
export const WAITS = 'waits 1'
export const HANDLING = 'handling 1'
export const HOLDS = 'holds 1'
export const PRESENCE = 'presence 1'
export const MESSAGES = 'messages 1'
export const CONVERSATIONS = 'conversations 1'
export const STEPS = 'steps 1'
export const SURVEYS = 'surveys 1'

/** What the pool's stream says; all else is said by contacts'. */
export const POOL_SUBJECTS: ReadonlySet<string> = new Set([WAITS, HANDLING, PRESENCE])
