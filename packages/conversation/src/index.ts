export * from './consent.ts'
export * from './content.ts'
export * from './family.ts'
export * from './language.ts'
