import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { YamlFile } from '@parley/authoring'
import { z } from 'zod'
import type { FlowPoints } from '../workforce/workforce-file.ts'

/** All else in a flow is the bot's, which checks the whole file. */
const schema = z.object({ flow: z.string(), steps: z.record(z.string(), z.unknown()) })

/** The flows of the folder `flows`, and their steps: where a conversation can go on with the robot. A file that is no flow is none here; the bot says what is wrong with it. */
export async function flowPointsIn(directory: string): Promise<readonly FlowPoints[]> {
  const folder = join(directory, 'flows')
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const flows: FlowPoints[] = []
  for (const name of names.filter((one) => /\.ya?ml$/.test(one)).sort()) {
    const yaml = new YamlFile(await readFile(join(folder, name), 'utf8'))
    const read = schema.safeParse(yaml.errors.length > 0 ? undefined : yaml.content())
    if (read.success) flows.push({ id: read.data.flow, steps: Object.keys(read.data.steps) })
  }
  return flows
}
