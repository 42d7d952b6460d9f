import { audits } from '@parley/audit'
import { conversations } from '@parley/conversation'

/** All families whose topics an installation has. */
export const FAMILIES = [conversations, audits]
