export * from './content.ts'
export * from './family.ts'
export * from './said.ts'
export * from './told.ts'
