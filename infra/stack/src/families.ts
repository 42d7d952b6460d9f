import { audits } from '@parley/audit'
import { conversations } from '@parley/conversation'
import { evaluationFamily } from '@parley/evaluation'
import { workforces } from '@parley/workforce'

/** All families whose topics an installation has. */
export const FAMILIES = [conversations, audits, workforces, evaluationFamily]
