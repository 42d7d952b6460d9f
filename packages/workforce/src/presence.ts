import { oneOf } from '@parley/kernel'

/** How somebody is there. Finishing and busy keep what they have and are offered nothing; away too, and they claim nothing either. */
export const PRESENCES = ['available', 'finishing', 'busy', 'away', 'offline'] as const
export type Presence = (typeof PRESENCES)[number]

export const isPresence = oneOf(PRESENCES)
