export { flowFiles, loadFlows } from './adapters/flow-files.ts'
export { completeTurn, respondRequest, type RequestedTurn } from './turn/answering.ts'
export { flowLibrary } from './turn/library.ts'
export { respond } from './turn/respond.ts'
