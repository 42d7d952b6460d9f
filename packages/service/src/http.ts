/** The HTTP base alone, for a program that is no service. */
export type { DeclaredRoute } from './http-access.ts'
export { HttpRefusal } from './http-refusal.ts'
export { createHttpServer } from './http-server.ts'
export { ownHosts } from './http-settings.ts'
