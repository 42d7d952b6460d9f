export {
  type TranscriptReaderOptions,
  type TranscriptVersion,
  startTranscriptVersion,
} from './adapters/live-transcripts.ts'
export { type RawArchive, rawArchive } from './adapters/raw-archive.ts'
