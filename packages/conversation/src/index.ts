export * from './content.ts'
export * from './family.ts'
export * from './sendable.ts'
