export { policyOf, readCompany } from './company/company.ts'
export { conversationDecider } from './conversation/decider.ts'
export type { ConversationPolicy } from './conversation/policy.ts'
export type { ContactState } from './conversation/state.ts'
