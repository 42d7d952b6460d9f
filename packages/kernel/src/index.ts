export * from './decider.ts'
export * from './envelope.ts'
export * from './ids.ts'
export * from './reading.ts'
