export {
  type TranscriptReaderOptions,
  type TranscriptVersion,
  startTranscriptVersion,
} from './adapters/live-transcripts.ts'
export { runRawReader } from './adapters/raw-reader.ts'
export { type RawArchive, rawArchive } from './adapters/raw-archive.ts'
