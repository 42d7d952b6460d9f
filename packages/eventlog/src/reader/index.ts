export * from './batch.ts'
export * from './documents.ts'
export { FaultSearch } from './fault-search.ts'
export { type Follower, type FollowerOptions, runFollower } from './follower.ts'
export { StoredHeads } from './heads.ts'
export { Lane } from './lane.ts'
export type * from './measurement.ts'
export * from './metric-projection.ts'
export { countingGaps, observed } from './metrics.ts'
export { type ParkedStream, PoisonUnseen } from './parking.ts'
export * from './projection.ts'
export * from './reactor.ts'
export {
  type Reader,
  type ReaderOptions,
  type ReaderTrouble,
  RetryNotAnswered,
  type StuckReader,
  type Wanted,
} from './reader.ts'
