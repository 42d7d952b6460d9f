export { testKafka, testMongoUri } from './brokers.ts'
export * from './given.ts'
export * from './mongo-proxy.ts'
export * from './tally.ts'
