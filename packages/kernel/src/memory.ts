/**
 * The ids of the last commands that a stream decided, newest last. It catches the same wish at two places of the log (said again at
 * its origin). Immutable, and adding one copies at most a chunk of them.
 */
export interface CommandMemory {
  readonly newest: readonly string[]
  readonly older: CommandMemory | undefined
}

const CHUNK = 16

export const NOTHING_DECIDED: CommandMemory = { newest: [], older: undefined }

export function remembers(memory: CommandMemory, commandId: string): boolean {
  for (let part: CommandMemory | undefined = memory; part !== undefined; part = part.older)
    if (part.newest.includes(commandId)) return true
  return false
}

/** @param most How many are remembered at least; up to a chunk more may be. */
export function remembering(memory: CommandMemory, commandId: string, most: number): CommandMemory {
  if (most === 0 || memory.newest.at(-1) === commandId) return memory
  if (memory.newest.length < CHUNK) return { ...memory, newest: [...memory.newest, commandId] }
  return { newest: [commandId], older: bounded(memory, Math.ceil(most / CHUNK)) }
}

export function rememberedIds(memory: CommandMemory): readonly string[] {
  return [...(memory.older === undefined ? [] : rememberedIds(memory.older)), ...memory.newest]
}

export function memoryOf(commandIds: readonly string[]): CommandMemory {
  let memory: CommandMemory | undefined
  for (let at = 0; at < commandIds.length; at += CHUNK)
    memory = { newest: commandIds.slice(at, at + CHUNK), older: memory }
  return memory ?? NOTHING_DECIDED
}

function bounded(memory: CommandMemory, chunks: number): CommandMemory | undefined {
  if (chunks === 0) return undefined
  return {
    newest: memory.newest,
    older: memory.older === undefined ? undefined : bounded(memory.older, chunks - 1),
  }
}
