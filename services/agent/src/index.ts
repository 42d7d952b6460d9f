export { consoleConversations } from './adapters/conversation-store.ts'
