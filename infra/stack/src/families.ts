import { audits } from '@parley/audit'
import { conversations } from '@parley/conversation'
import { workforces } from '@parley/workforce'

/** All families whose topics an installation has. */
export const FAMILIES = [conversations, audits, workforces]
