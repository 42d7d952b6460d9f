export * from './decider-host.ts'
export * from './log.ts'
export * from './reader.ts'
export * from './topics.ts'
