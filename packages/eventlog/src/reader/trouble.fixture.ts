import type { ReaderTrouble } from './reader.ts'

/** For readers of whose trouble a test asks nothing. */
export const UNTOLD: ReaderTrouble = { onParked() {}, onStuck() {}, onFault() {} }
