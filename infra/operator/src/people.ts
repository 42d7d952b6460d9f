import { CommandLineMistake, didYouMean } from '@parley/authoring'
import { ROLES, isRole } from '@parley/people'
import { PeopleServiceClient } from '@parley/proto/people'
import { GrpcError, grpcCall, grpcClient } from '@parley/service'
import pc from 'picocolors'
import { operatedService } from './operated.ts'

/** The service waits 10 s for its replicas, and says which did not answer. */
const ANSWERED_WITHIN_MS = 20_000
/** What the caller got wrong, as against what went wrong. */
const MISTAKES: ReadonlySet<string> = new Set(['PERSON_UNKNOWN', 'ROLES_INVALID'])

/** `npm run parley -- people …`. Result to stdout, as JSON unless somebody looks. Exit code 0 once in force, 2 for an unknown login or role, 1 otherwise. */
export async function peopleCommand(
  command: 'deactivate' | 'activate' | 'roles',
  [login = '', words = '']: readonly string[],
): Promise<number> {
  const roles = command === 'roles' ? rolesOf(words) : []

  const agent = await operatedService('agent', process.env)
  const client = grpcClient(PeopleServiceClient, agent.address, agent.credentials)
  const options = { timeoutMs: ANSWERED_WITHIN_MS }
  try {
    const { isChanged, withoutPlace } = await (command === 'roles'
      ? grpcCall(client, 'setRoles', { login, roles }, options)
      : grpcCall(
          client,
          command === 'activate' ? 'activatePerson' : 'deactivatePerson',
          { login },
          options,
        ).then((answer) => ({ ...answer, withoutPlace: [] })))
    const done = { deactivate: 'is deactivated', activate: 'may sign in', roles: `has ${roles.join(', ')}` }
    const text = `${pc.green('✓')} ${login} ${done[command]}${isChanged ? '' : ': it was so already'}`
    process.stdout.write(`${process.stdout.isTTY ? text : JSON.stringify({ login, isChanged })}\n`)
    if (withoutPlace.length > 0) process.stderr.write(`parley: ${placeMissing(login, withoutPlace)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    const isMistake = MISTAKES.has(error.code)
    const hint =
      isMistake || error.code === 'REPLICAS_NOT_HEARD'
        ? ''
        : '. Is the agent service running, and is AGENT_GRPC_ADDRESS its address?'
    process.stderr.write(`parley: ${error.message} (${error.code})${hint}\n`)
    return isMistake ? 2 : 1
  } finally {
    client.close()
  }
}

/** Sessions know a role at once; who is offered what, and has which room, the workforce in force says. */
const placeMissing = (login: string, roles: readonly string[]): string =>
  `the workforce in force does not have ${login} as ${roles.join(' and ')}: nothing is offered to them, or taken over by them, until people.yaml says so too and \`npm run parley -- config apply\` has put it in force`

function rolesOf(words: string): string[] {
  const roles = words.split(',').map((word) => word.trim())
  const unknown = roles.find((word) => !isRole(word))
  if (unknown === undefined) return roles
  throw new CommandLineMistake(
    `there is no role "${unknown}"${didYouMean(unknown, ROLES) || '.'} There are: ${ROLES.join(', ')}`,
  )
}
