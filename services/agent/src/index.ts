export { consoleConversations } from './adapters/conversation-documents.ts'
export { deskPool } from './adapters/pool-store.ts'
export { evaluationsRead } from './adapters/judging/evaluation-store.ts'
