export * from './family.ts'
export * from './hearing.ts'
export * from './presence.ts'
export * from './supervising.ts'
