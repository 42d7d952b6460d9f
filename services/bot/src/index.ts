export { flowFiles, loadFlows } from './adapters/flow-files.ts'
export { completeTurn, respondRequest } from './turn/answering.ts'
export { flowLibrary } from './turn/library.ts'
export { respond } from './turn/respond.ts'
