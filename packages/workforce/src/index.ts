export * from './family.ts'
export * from './presence.ts'
