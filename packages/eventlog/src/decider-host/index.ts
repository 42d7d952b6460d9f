export * from './host.ts'
export { PartitionFenced } from './snapshots.ts'
