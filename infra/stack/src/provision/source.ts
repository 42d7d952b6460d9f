import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reasonOf, StackFault } from '../fault.ts'

/** One way to get a server. `prepare` fails when this machine cannot have it; its reason is shown if all fail. */
export interface Source<Kind extends string, Plan> {
  kind: Kind
  prepare(): Promise<Plan>
}

/** Thrown by `prepare` for what is simply not on this machine. */
export class NotHere extends Error {}

const recordOf = (directory: string) => join(directory, 'source')

/** Data written by one source are not always readable by another, so a folder stays with the source that began it. */
const sourceOfData = (directory: string): string | undefined =>
  existsSync(recordOf(directory)) ? readFileSync(recordOf(directory), 'utf8').trim() : undefined

export const chooseSource = async <Kind extends string, Plan>(options: {
  server: string
  setting: string
  wanted: string
  directory: string
  sources: readonly Source<Kind, Plan>[]
}): Promise<{ kind: Kind; plan: Plan }> => {
  const { server, setting, wanted, directory, sources } = options
  const kinds = sources.map((source) => source.kind)
  if (wanted !== 'auto' && !kinds.some((kind) => kind === wanted)) {
    throw new StackFault('SETTING_INVALID', `${setting}=${wanted} is not a source of ${server}`, {
      why: `it takes one of auto, ${kinds.join(', ')}`,
      fix: `unset ${setting} or set it to one of these`,
    })
  }
  const begun = sourceOfData(directory)
  if (begun !== undefined && wanted !== 'auto' && wanted !== begun) {
    throw new StackFault('DATA_OF_OTHER_SOURCE', `${directory} was written by ${begun}, not by ${wanted}`, {
      why: `the two do not share a data format, and ${setting} asks for ${wanted}`,
      fix: `unset ${setting}, or begin anew with \`npm start -- --reset\``,
    })
  }
  const only = begun ?? (wanted === 'auto' ? undefined : wanted)
  const refused: string[] = []
  for (const source of sources.filter(({ kind }) => only === undefined || kind === only)) {
    try {
      const plan = await source.prepare()
      await mkdir(dirname(recordOf(directory)), { recursive: true })
      await writeFile(recordOf(directory), `${source.kind}\n`)
      return { kind: source.kind, plan }
    } catch (error) {
      refused.push(`${source.kind}: ${reasonOf(error)}`)
    }
  }
  throw new StackFault(
    begun === undefined ? 'NO_SOURCE' : 'SOURCE_OF_DATA_GONE',
    begun === undefined
      ? `${server} cannot be had on this machine`
      : `${server}'s data need ${begun}, which does not work now`,
    {
      why: refused.map((line) => line.replaceAll('\n', '\n      ')).join('\n       '),
      fix: `put one of these right (docs/runbooks/stack-does-not-start.md)${begun === undefined ? '' : ', or begin anew with `npm start -- --reset`'}`,
    },
  )
}
