import { open, watch } from 'node:fs/promises'
import { join } from 'node:path'
import pc from 'picocolors'

const TAIL_BYTES = 16_384
const COLOURS = [pc.cyan, pc.magenta, pc.yellow, pc.green, pc.blue, pc.red]

/** Prints the end of each log and, with `follow`, what is added to it, each line behind its service's name. */
export const showLogs = async (
  directory: string,
  names: readonly string[],
  follow: boolean,
): Promise<void> => {
  const width = Math.max(0, ...names.map((name) => name.length))
  const offsets = new Map<string, number>()
  const printNew = async (name: string, first: boolean) => {
    await using file = await open(join(directory, `${name}.log`))
    const { size } = await file.stat()
    const known = offsets.get(name) ?? Math.max(0, size - TAIL_BYTES)
    const from = size < known ? 0 : known
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
    offsets.set(name, from + end)
    const lines = buffer.toString('utf8', 0, end).split('\n').slice(0, -1)
    // The first line read may be the end of a longer one.
    const whole = first && from > 0 ? lines.slice(1) : lines
    const prefix =
      names.length > 1 ? `${COLOURS[names.indexOf(name) % COLOURS.length]!(name.padEnd(width))} │ ` : ''
    for (const line of whole) process.stdout.write(`${prefix}${line}\n`)
  }
  for (const name of names) await printNew(name, true)
  if (!follow) return
  for await (const { filename } of watch(directory)) {
    const name = names.find((name) => filename === `${name}.log`)
    if (name) await printNew(name, false)
  }
}
