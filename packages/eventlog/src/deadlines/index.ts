export type { Deadline, DeadlineChanges, FamilyDeadlines } from './deadlines.ts'
export { changed, expiryCommand } from './deadlines.ts'
export * from './run-deadlines.ts'
