export { auditEntries } from './adapters/audit-store.ts'
export { linkStore } from './adapters/link-store.ts'
export {
  type CountedDocument,
  type FigureQuestion,
  conversationFigures,
  poolFigures,
  readCounted,
  readFigure,
} from './adapters/metric-store.ts'
export { measurementsOf } from './metrics/count.ts'
export { countedOnce } from './metrics/counted.ts'
export { type OfContact, conversationRemembering } from './metrics/remembering.ts'
export { Windows } from './metrics/windows.ts'
export { rawReaderName, runRawReader } from './adapters/raw-reader.ts'
export { rawArchive } from './adapters/raw-archive.ts'
export { type SearchQuestion, conversationFinder, conversationSearch } from './adapters/search-store.ts'
export { transcripts } from './adapters/transcript-store.ts'
export { transcriptLinks } from './link/transcript-links.ts'
