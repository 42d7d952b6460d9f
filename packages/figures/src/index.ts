export * from './figures.ts'
export * from './subjects.ts'
