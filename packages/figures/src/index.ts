export * from './adding-up.ts'
export * from './figures.ts'
export * from './subjects.ts'
