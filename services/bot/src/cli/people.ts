import { CommandLineMistake, didYouMean, readCommandLine } from '@parley/authoring'
import { ROLES, isRole } from '@parley/people'
import { PeopleServiceClient } from '@parley/proto/people'
import { GrpcError, grpcCall, grpcClient } from '@parley/service'
import pc from 'picocolors'
import { operatedService } from './operated.ts'

export const PEOPLE_USAGE = `  npm run parley -- people deactivate LOGIN  ends their sessions and open pages; nobody signs in as them
  npm run parley -- people activate LOGIN    they may sign in again
  npm run parley -- people roles LOGIN ROLE,…
                                             instead of the roles of people.yaml: ${ROLES.join(', ')}
                                             Each answers once it is in force on every replica. The agent service is asked at
                                             AGENT_GRPC_ADDRESS, or where the stack here has it
`

const COMMANDS = ['deactivate', 'activate', 'roles'] as const
type Command = (typeof COMMANDS)[number]

/** The service waits 10 s for its replicas, and says which did not answer. */
const ANSWERED_WITHIN_MS = 20_000
/** What the caller got wrong, as against what went wrong. */
const MISTAKES: ReadonlySet<string> = new Set(['PERSON_UNKNOWN', 'ROLES_INVALID'])

/** `npm run parley -- people …`. Result to stdout, as JSON unless somebody looks. Exit code 0 once in force, 2 for an unknown login or role, 1 otherwise. */
export async function peopleCommand(args: readonly string[]): Promise<number> {
  const { positionals } = readCommandLine(args, {}, COMMANDS)
  const [command, login, words, ...rest] = positionals as [Command | undefined, ...string[]]
  if (command === undefined) throw new CommandLineMistake(`people is followed by ${COMMANDS.join(', ')}`)
  if (login === undefined) throw new CommandLineMistake(`people ${command} is followed by a login`)
  const tooMany = command === 'roles' ? rest[0] : words
  if (tooMany !== undefined) throw new CommandLineMistake(`"${tooMany}" is one word too many`)
  const roles = command === 'roles' ? rolesOf(words) : []

  const agent = await operatedService('agent', process.env)
  if (agent === undefined) return 1
  const client = grpcClient(PeopleServiceClient, agent.address, agent.credentials)
  const options = { timeoutMs: ANSWERED_WITHIN_MS }
  try {
    const { isChanged } = await (command === 'roles'
      ? grpcCall(client, 'setRoles', { login, roles }, options)
      : grpcCall(client, command === 'activate' ? 'activatePerson' : 'deactivatePerson', { login }, options))
    const done = { deactivate: 'is deactivated', activate: 'may sign in', roles: `has ${roles.join(', ')}` }
    const text = `${pc.green('✓')} ${login} ${done[command]}${isChanged ? '' : ': it was so already'}`
    process.stdout.write(`${process.stdout.isTTY ? text : JSON.stringify({ login, isChanged })}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    process.stderr.write(`parley: ${error.message} (${error.code})\n`)
    return MISTAKES.has(error.code) ? 2 : 1
  } finally {
    client.close()
  }
}

function rolesOf(words: string | undefined): string[] {
  const roles = words?.split(',').map((word) => word.trim()) ?? []
  if (roles.length === 0) throw new CommandLineMistake('people roles LOGIN is followed by roles, with commas')
  const unknown = roles.find((word) => !isRole(word))
  if (unknown === undefined) return roles
  throw new CommandLineMistake(
    `there is no role "${unknown}"${didYouMean(unknown, ROLES)}. There are: ${ROLES.join(', ')}`,
  )
}
