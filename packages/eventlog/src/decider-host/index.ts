export * from './host.ts'
export type * from './options.ts'
export { PartitionFenced } from './snapshots.ts'
