export type { CallOutcome, HttpCall } from './calls.ts'
export type { Flow } from './flow.ts'
export { answer } from './interpreter.ts'
export { readSession } from './session.ts'
