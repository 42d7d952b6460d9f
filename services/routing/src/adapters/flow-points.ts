import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { YamlFile } from '@parley/authoring'
import { z } from 'zod'
import type { FlowPoints } from '../workforce/workforce-file.ts'

/** All else in a flow is the bot's, which checks the whole file. */
const schema = z.object({ flow: z.string(), steps: z.record(z.string(), z.unknown()) })

export interface FlowFile {
  readonly points: FlowPoints
  /** Each queue that it names, with `file:line:column`: where it leads people, and in its texts (`{{opening.branches}}`). */
  readonly queues: readonly { readonly queue: string; readonly place: string }[]
}

/** The flows of the folder `flows`, and their steps: where a conversation can go on with the robot. A file that is no flow is none here; the bot says what is wrong with it. */
export async function flowPointsIn(directory: string): Promise<readonly FlowFile[]> {
  const folder = join(directory, 'flows')
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const flows: FlowFile[] = []
  for (const name of names.filter((one) => /\.ya?ml$/.test(one)).sort()) {
    const file = join(folder, name)
    const yaml = new YamlFile(await readFile(file, 'utf8'))
    const read = schema.safeParse(yaml.errors.length > 0 ? undefined : yaml.content())
    if (read.success)
      flows.push({
        points: { id: read.data.flow, steps: Object.keys(read.data.steps) },
        queues: [...leadsIn(yaml, Object.keys(read.data.steps), file), ...opensIn(yaml, file)],
      })
  }
  return flows
}

const leadsIn = (yaml: YamlFile, steps: readonly string[], file: string): FlowFile['queues'] => {
  const content = yaml.content()
  return [
    ['people', 'queue'],
    ...steps.flatMap((step) => ['ask', 'hand_over'].map((kind) => ['steps', step, kind, 'queue'])),
  ].flatMap((path) => {
    const queue = path.reduce<unknown>(partOf, content)
    const { line, column } = yaml.placeOf(path, 'value')
    return typeof queue === 'string' ? [{ queue, place: `${file}:${line}:${column}` }] : []
  })
}

const partOf = (whole: unknown, key: string): unknown =>
  typeof whole === 'object' && whole !== null ? new Map(Object.entries(whole)).get(key) : undefined

const opensIn = (yaml: YamlFile, file: string): FlowFile['queues'] =>
  yaml
    .matches(/\{\{\s*opening\.([\w.-]+)\s*\}\}/g)
    .map(({ match: { 1: queue = '' }, line, column }) => ({ queue, place: `${file}:${line}:${column}` }))
