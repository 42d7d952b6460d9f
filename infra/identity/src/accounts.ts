// docker compose exec identity node infra/identity/src/accounts.ts: who can sign in, and with what password.
import { readPeopleIn } from '@parley/people/directory'
import { passwordOf } from './passwords.ts'
import { settingsFrom } from './settings.ts'

const env = settingsFrom(process.env)
if ('problem' in env) {
  process.stderr.write(`${env.problem} (IDENTITY_CONFIG_INVALID)\n`)
  process.exit(1)
}
const { people } = await readPeopleIn(env.PARLEY_CONFIG_DIR)
for (const { login, name, roles, team } of people.values())
  process.stdout.write(
    `${login.padEnd(12)}${passwordOf(env.IDENTITY_PASSWORD_SECRET, login)}  ${name}, ${roles.join(', ')}${team === null ? '' : `, ${team}`}\n`,
  )
