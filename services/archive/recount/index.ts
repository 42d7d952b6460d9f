export { RECOUNTED, type Recounted, recount } from './recount.ts'
export { rawRecords } from './stored.ts'
