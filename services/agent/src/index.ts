export { consoleConversations } from './adapters/conversation-store.ts'
export { deskPool } from './adapters/pool-store.ts'
export { evaluationsRead } from './adapters/evaluation-store.ts'
