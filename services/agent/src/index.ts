export { consoleConversations } from './adapters/read-models/conversation-documents.ts'
export { deskPool } from './adapters/read-models/pool-store.ts'
export { evaluationsRead } from './adapters/judging/evaluation-store.ts'
