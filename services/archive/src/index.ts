export { type RawArchive, rawArchive } from './adapters/raw-archive.ts'
export {
  type TranscriptCollections,
  type TranscriptStore,
  archiveBatch,
  transcriptCollections,
  transcriptStore,
} from './adapters/transcript-store.ts'
export { startTranscriptVersion } from './adapters/live-transcripts.ts'
