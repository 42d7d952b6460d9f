import { makeCallerKeys } from '@parley/service'
import { expect, onTestFinished, test } from 'vitest'
import { REPOSITORY } from './data-directory.ts'
import { PORT_TABLE, type Ports } from './ports.ts'
import { keptSecrets } from './secrets.ts'
import {
  type SERVICES,
  identityProgram,
  serviceEnvironment,
  servicePrograms,
  simulatorProgram,
} from './services.ts'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ports = Object.fromEntries(Object.entries(PORT_TABLE).map(([name, { port }]) => [name, port])) as Ports
const secrets = { appSecret: 'app-secret', verifyToken: 'verify-token', accessToken: 'access-token' }
const numbers = { graphUrl: '', graphVersion: '', wabaId: '1', phoneNumberId: '2', displayPhoneNumber: '3' }
const callers = await makeCallerKeys()
const keyOf = (name: (typeof SERVICES)[number]) => callers.envOf(name).GRPC_CALLER_KEY

const PROXY = 'http://parley:password@proxy:3128'

const around = {
  ports,
  kafkaBrokers: [],
  mongoUri: '',
  namespace: 'parley',
  partitions: 12,
  simulatorFile: '/data/simulator.jsonl',
  whatsapp: { ...numbers, ...secrets },
  transcriptLinkSecret: '',
  oidc: { issuer: '', clientId: '', clientSecret: 'oidc-secret' },
  passwordSecret: 'password-secret',
}

/** All that a stack knows, and what whoever started it had in the shell. */
const env = serviceEnvironment(
  {
    PATH: '/usr/bin',
    FLOW_CRM_TOKEN: 'flow-token',
    OUTBOUND_PROXY: PROXY,
    WHATSAPP_ACCOUNTS_FILE: 'accounts-file',
    TRANSCRIPT_LINK_SECRET: 'link-secret',
    GRPC_CALLER_KEY: 'key-of-the-shell',
    GRPC_TLS_KEY: 'tls-key-of-the-shell',
  },
  around,
)
const programs = [
  ...servicePrograms(ports, env, callers),
  simulatorProgram(ports, env),
  identityProgram(ports, env),
]
const ALL = {
  gateway: [...Object.values(secrets), 'accounts-file', PROXY, keyOf('gateway')],
  routing: [keyOf('routing')],
  bot: ['flow-token', PROXY, keyOf('bot')],
  agent: ['oidc-secret', PROXY, keyOf('agent')],
  archive: ['link-secret', keyOf('archive')],
  identity: ['oidc-secret', 'password-secret'],
  simulator: [...Object.values(secrets), 'accounts-file'],
}

test.each(Object.entries(ALL))(
  '%s finds its own secrets in its environment, and nobody else’s',
  (name, own) => {
    const given = Object.values(programs.find((program) => program.name === name)!.child.env ?? {})
    const foreign = [...Object.values(ALL).flat(), 'key-of-the-shell', 'tls-key-of-the-shell'].filter(
      (value) => !own.includes(value),
    )
    expect(own.filter((value) => !given.includes(value))).toEqual([])
    expect(foreign.filter((value) => given.includes(value))).toEqual([])
  },
)

test('secrets are made anew for each data folder, kept over starts, marked as the simulator’s, and readable by their owner alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const made = await keptSecrets(join(folder, 'secrets.json'))
  const { appSecret, verifyToken, accessToken } = made.simulator
  for (const secret of [appSecret, verifyToken, accessToken])
    expect(secret).toMatch(/^simulated-[0-9a-f]{32,}$/)
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
  expect(await keptSecrets(join(folder, 'secrets.json'))).toEqual(made)
  expect((await keptSecrets(join(folder, 'other.json'))).simulator.appSecret).not.toBe(appSecret)
})

test('the simulator keeps its chats in the data folder, unless whoever starts it names another file', () => {
  const fileOf = (name: string) =>
    programs.find((program) => program.name === name)!.child.env?.['SIMULATOR_DATA_FILE']
  expect([fileOf('simulator'), fileOf('gateway')]).toEqual(['/data/simulator.jsonl', undefined])
  const given = simulatorProgram(ports, serviceEnvironment({ SIMULATOR_DATA_FILE: '/mine' }, around))
  expect(given.child.env?.['SIMULATOR_DATA_FILE']).toBe('/mine')
})

test('a folder of the company is one of the clone, wherever a command is called', () => {
  const folderOf = (env: NodeJS.ProcessEnv) => serviceEnvironment(env, around)['PARLEY_CONFIG_DIR']
  expect(folderOf({})).toBe(join(REPOSITORY, 'config'))
  expect(folderOf({ PARLEY_CONFIG_DIR: 'config/mine' })).toBe(join(REPOSITORY, 'config/mine'))
  expect(folderOf({ PARLEY_CONFIG_DIR: '/etc/parley' })).toBe('/etc/parley')
})

test('limits are those that the services come with, or whoever starts it sets', () => {
  expect(Object.keys(env).filter((name) => name.endsWith('_MAX'))).toEqual([])
})
