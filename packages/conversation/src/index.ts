export * from './content.ts'
export * from './family.ts'
