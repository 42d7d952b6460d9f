import { conversations } from '@parley/conversation'
import { deadlinesProjection } from '@parley/eventlog'
import { workforces } from '@parley/workforce'
import { conversationDeadlines } from '../deadline/deadlines.ts'
import { workforceDeadlines } from '../workforce/deadlines.ts'

/** Kept by `runDeadlines`; for who names them, and for the operator who builds them anew. */
export const conversationDeadlineProjection = deadlinesProjection(conversations, conversationDeadlines)
export const workforceDeadlineProjection = deadlinesProjection(workforces, workforceDeadlines)
