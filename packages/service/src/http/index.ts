/** The HTTP base alone, for a program that is no service. */
export type { DeclaredRoute } from './access.ts'
export { HttpRefusal } from './refusal.ts'
export { createHttpServer } from './server.ts'
export { ownHosts } from './settings.ts'
