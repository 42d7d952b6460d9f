export { auditEntries } from './adapters/audit-store.ts'
export { runRawReader } from './adapters/raw-reader.ts'
export { type RawArchive, rawArchive } from './adapters/raw-archive.ts'
export { transcripts } from './adapters/transcript-store.ts'
