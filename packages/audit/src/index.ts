export * from './coalescing.ts'
export * from './entry.ts'
export * from './family.ts'
