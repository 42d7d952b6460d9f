import { readFile } from 'node:fs/promises'
import { filesOf } from './data-directory.ts'
import type { StackJson } from './start-stack.ts'

/** Undefined while the stack is not ready: only then does it say where it answers. */
export const stackJsonOf = async (dataDirectory: string): Promise<StackJson | undefined> => {
  try {
    return JSON.parse(await readFile(filesOf(dataDirectory).stack, 'utf8')) as StackJson
  } catch {
    return undefined
  }
}
