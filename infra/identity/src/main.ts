import { readPeopleIn } from '@parley/people/directory'
import { startIdentityProvider } from './provider.ts'
import { settingsFrom } from './settings.ts'

const log = (level: 'info' | 'error', msg: string, fields: Readonly<Record<string, unknown>> = {}): void =>
  void process.stdout.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), service: 'identity', msg, ...fields })}\n`,
  )

const env = settingsFrom(process.env)
if ('problem' in env) {
  log(
    'error',
    'The provider of identities cannot start: its settings are wrong. Correct the variables named here.',
    {
      code: 'IDENTITY_CONFIG_INVALID',
      problem: env.problem,
    },
  )
  process.exit(1)
}

try {
  const { people } = await readPeopleIn(env.PARLEY_CONFIG_DIR)
  const provider = await startIdentityProvider({
    issuer: env.OIDC_ISSUER,
    host: env.HOST,
    isInContainer: env.IDENTITY_IN_CONTAINER === '1',
    port: env.IDENTITY_PORT,
    client: {
      id: env.OIDC_CLIENT_ID,
      secret: env.OIDC_CLIENT_SECRET,
      consoleUrl: env.AGENT_PUBLIC_URL,
      ...(env.IDENTITY_CONSOLE_URL !== undefined && { reachedAt: env.IDENTITY_CONSOLE_URL }),
    },
    accounts: [...people.values()].map(({ login, subject }) => ({ login, subject })),
    passwordSecret: env.IDENTITY_PASSWORD_SECRET,
    onUntold: (error) =>
      log('error', 'a wrong login or password is not on record', {
        code: 'ACT_NOT_RECORDED',
        problem: String(error),
      }),
  })
  log('info', 'the provider of identities is ready', { port: provider.port })

  let isStopping = false
  const stop = (reason: string): void => {
    if (isStopping) process.exit(1)
    isStopping = true
    log('info', 'the provider of identities stops', { reason })
    void provider.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  if (process.env['PARLEY_PARENT_WATCH'] === '1' && process.channel !== undefined)
    process.on('disconnect', () => stop('parent gone'))
} catch (error) {
  log('error', 'the provider of identities could not start', {
    code: (error as { code?: string }).code ?? 'FAULT',
    problem: error instanceof Error ? error.message : String(error),
  })
  process.exit(1)
}
