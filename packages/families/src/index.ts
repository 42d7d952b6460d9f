import { audits } from '@parley/audit'
import { conversations } from '@parley/conversation'
import { evaluationFamily } from '@parley/evaluation'
import type { Family } from '@parley/kernel'
import { workforces } from '@parley/workforce'

/** All families of an installation: each has its topics, and its raw records in the archive. */
export const FAMILIES: readonly Family<any, any>[] = [conversations, audits, workforces, evaluationFamily]
