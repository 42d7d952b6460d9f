import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

const EXAMPLE = join(import.meta.dirname, '..', '..', 'config')
const TEAM_SIZE = 20
const CAPACITY = 4

/**
 * The example company with so many agents, in teams of 20 that all serve the queue where its robot sends people: thousands behind one
 * number. Written into a folder that a stack takes as its configuration.
 */
export async function writeCompany(directory: string, agentCount: number): Promise<void> {
  await mkdir(directory, { recursive: true })
  await cp(EXAMPLE, directory, { recursive: true })
  const flow = join(directory, 'flows', 'atendimento.yaml')
  await writeFile(
    flow,
    (await readFile(flow, 'utf8'))
      .replaceAll('{{opening.branches}}', '{{opening.general}}')
      .replaceAll('queue: cards', 'queue: general'),
  )
  const teamIds = Array.from({ length: Math.ceil(agentCount / TEAM_SIZE) }, (_, index) => `team-${index + 1}`)
  const agents = Array.from({ length: agentCount }, (_, index) => ({
    ...person(`a${index + 1}`, `Agente ${index + 1}`),
    roles: ['agent'],
    team: teamIds[Math.floor(index / TEAM_SIZE)],
  }))
  const supervisor = { ...person('s1', 'Supervisora de todos'), roles: ['supervisor'], team: null }
  await writeFile(
    join(directory, 'people.yaml'),
    stringify({
      teams: teamIds.map((id) => ({ id, name: id, queues: ['general'] })),
      people: [supervisor, ...agents],
    }),
  )
  await writeFile(
    join(directory, 'workforce.yaml'),
    stringify({
      queues: { general: { offer_seconds: 20, close_reasons: ['solved'] } },
      teams: Object.fromEntries(
        teamIds.map((id) => [id, { queues: ['general'], languages: ['pt', 'en', 'bn'], capacity: CAPACITY }]),
      ),
    }),
  )
}

const person = (id: string, name: string) => ({ id, login: id, name, subject: id })
