export { type Cut, RECOUNTED, type Recounted, recount } from './recount.ts'
export { rawHeads, rawRecords } from './stored.ts'
