import { conversations } from '@parley/conversation'
import { deadlinesProjection } from '@parley/eventlog'
import { workforces } from '@parley/workforce'
import { conversationDeadlines } from './deadline/deadlines.ts'
import { workforceDeadlines } from './workforce/deadlines.ts'

export { configurationInForce, poolConfigurations } from './adapters/pool-configurations.ts'
export { workforceIn } from './adapters/workforce-file.ts'
export { differences } from './workforce/differences.ts'
export { auditDecider } from './audit/decider.ts'
export { companyIn } from './adapters/company-file.ts'
export { type EvaluationPolicy, type EvaluationState, evaluationDecider } from './evaluation/decider.ts'
export { policyOf, readCompany } from './company/company.ts'
export { introductions } from './company/introductions.ts'
export { conversationDecider } from './conversation/decider.ts'
export { conversationDeadlines } from './deadline/deadlines.ts'
export { workforceDeadlines } from './workforce/deadlines.ts'
export { workforceDecider } from './workforce/decider.ts'
export { conversationWishes, poolWishes } from './workforce/process-managers.ts'
export type { PoolState } from './workforce/state.ts'
export type { ConversationPolicy } from './conversation/policy.ts'
export type { ContactState } from './conversation/state.ts'

/** Kept by `runDeadlines`; for the operator who builds them anew. */
export const conversationDeadlineProjection = deadlinesProjection(conversations, conversationDeadlines)
export const workforceDeadlineProjection = deadlinesProjection(workforces, workforceDeadlines)
