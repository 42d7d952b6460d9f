export { testKafka, testMongoUri } from './brokers.ts'
export * from './given.ts'
export * from './tally.ts'
