import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CALLERS, FULL_BUDGETS, ownHosts } from '@parley/service'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY } from '../data-directory.ts'
import { PORT_TABLE, portVariable } from '../ports.ts'
import { KAFKA_IMAGE, kafkaContainerEnvironment } from '../provision/kafka.ts'
import { MONGO_IMAGE } from '../provision/mongo.ts'
import {
  NODE_FLAGS,
  SERVICES,
  STOP_BUDGET_MS,
  environmentOf,
  nodeEnvironment,
  serviceEnvironment,
} from '../services.ts'

interface Container {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly restart: string
  readonly stop_grace_period: string
  readonly volumes?: readonly string[]
  readonly profiles?: readonly string[]
  readonly network_mode?: string
  readonly sysctls?: Readonly<Record<string, number>>
  readonly read_only?: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly deploy: {
    readonly resources: {
      readonly limits: { readonly cpus: string; readonly memory: string; readonly pids: number }
    }
  }
}

const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')
/** Of a file as Compose reads it. */
const settingsIn = (file: string): ReadonlyMap<string, string> =>
  new Map([...read(file).matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
const compose = read('docker-compose.yml')
const dockerfile = read('infra/images/Dockerfile')
const { services: containers } = parse(compose, { merge: true }) as { services: Record<string, Container> }
const { kafka, mongo, topics, keys, ...ours } = containers as Record<string, Container> &
  Record<'kafka' | 'mongo' | 'topics' | 'keys', Container>
const ONCE = ['topics', 'keys']

test('Compose runs what npm start runs: the services, the simulator, the provider of identities, Kafka and MongoDB; one container makes the topics, one the keys', () => {
  expect(Object.keys(ours).toSorted()).toEqual([...SERVICES, 'simulator', 'identity'].toSorted())
  expect([kafka.image, mongo.image]).toEqual([
    `\${PARLEY_KAFKA_IMAGE:-${KAFKA_IMAGE}}`,
    `\${PARLEY_MONGO_IMAGE:-${MONGO_IMAGE}}`,
  ])
  expect(topics.command).toEqual(['node', 'infra/stack/src/container/topics.ts'])
})

describe.each(Object.entries(containers))('%s', (name, container) => {
  test('starts a program and asks for its health with one that are there', () => {
    const files = [...(container.command ?? []), ...(container.healthcheck?.test ?? [])].filter((word) =>
      word.endsWith('.ts'),
    )
    expect(files.filter((file) => !existsSync(join(REPOSITORY, file)))).toEqual([])
    expect(container.healthcheck === undefined).toBe(ONCE.includes(name))
  })

  test('has limits, comes back after a crash, and may drain before it is killed', () => {
    const { cpus, memory, pids } = container.deploy.resources.limits
    expect([Number(cpus), Number.parseInt(memory, 10), pids].every((limit) => limit > 0)).toBe(true)
    expect(container.restart).toBe(ONCE.includes(name) ? 'on-failure' : 'unless-stopped')
    expect(Number.parseInt(container.stop_grace_period, 10) * 1000).toBeGreaterThan(
      FULL_BUDGETS.drainMs + FULL_BUDGETS.closeMs + FULL_BUDGETS.flushMs,
    )
  })
})

test('npm start, too, lets a service drain before it is killed', () => {
  expect(STOP_BUDGET_MS).toBeGreaterThan(FULL_BUDGETS.drainMs + FULL_BUDGETS.closeMs + FULL_BUDGETS.flushMs)
})

test('what is published has the port and the variable of the table, and can be reached from this machine alone', () => {
  const inside = { ...PORT_TABLE, mongo: { port: 27_017 } }
  const published = Object.values(containers).flatMap(({ ports = [] }) => ports)
  const names = ['console', 'webhooks', 'transcripts', 'phone', 'mongo', 'kafka'] as const
  expect(published.toSorted()).toEqual(
    names
      .map((name) => `127.0.0.1:\${${portVariable(name)}:-${PORT_TABLE[name].port}}:${inside[name].port}`)
      // The issuer's address holds its port, inside and outside.
      .concat(`127.0.0.1:${PORT_TABLE.identity.port}:${PORT_TABLE.identity.port}`)
      .toSorted(),
  )
})

test('each service finds in its environment what npm start gives it, with the ports of the table', () => {
  const ports = Object.fromEntries(Object.entries(PORT_TABLE).map(([name, { port }]) => [name, port])) as {
    [Name in keyof typeof PORT_TABLE]: number
  }
  const words = { graphUrl: '', graphVersion: '', wabaId: '', phoneNumberId: '', displayPhoneNumber: '' }
  const given = serviceEnvironment(
    {},
    {
      ports,
      kafkaBrokers: [],
      mongoUri: '',
      namespace: '',
      partitions: 12,
      simulatorFile: '',
      whatsapp: { ...words, appSecret: '', verifyToken: '', accessToken: '' },
      transcriptLinkSecret: '',
      oidc: { issuer: '', clientId: '', clientSecret: '' },
      passwordSecret: '',
    },
  )
  // The image has these, nobody's child watches its parent, and callers show certificates, not tokens.
  for (const name of ['HOST', 'PARLEY_CONFIG_DIR', 'PARLEY_PARENT_WATCH']) delete given[name]
  for (const name of SERVICES) given[`${name.toUpperCase()}_GRPC_ADDRESS`] = `${name}:${ports[name]}`
  for (const name of SERVICES) {
    const { environment } = containers[name]!
    const own = environmentOf(name, given)
    expect(Object.keys(own).filter((variable) => !(variable in environment))).toEqual([])
    const portsAndAddresses = Object.entries(own).filter(([variable]) =>
      /_PORT$|_GRPC_ADDRESS$/.test(variable),
    )
    expect(environment).toMatchObject(Object.fromEntries(portsAndAddresses))
  }
})

test('no container finds a secret of another in its environment or among its files', () => {
  for (const [name, { environment, volumes = [] }] of Object.entries(ours)) {
    expect(Object.keys(environmentOf(name, environment as NodeJS.ProcessEnv))).toEqual(
      Object.keys(environment),
    )
    expect(volumes.filter((volume) => volume.startsWith('keys-'))).toEqual([`keys-${name}:/keys:ro`])
  }
  const made = [...CALLERS, 'simulator', 'identity'].map((name) => `keys-${name}:/made/${name}`)
  expect(keys.volumes?.toSorted()).toEqual(made.toSorted())
  expect(keys.network_mode).toBe('none')
})

test('what Meta gave is the gateway’s alone: what stands in for Meta learns only that it is given, and then does not start', () => {
  for (const secret of ['WHATSAPP_APP_SECRET', 'WHATSAPP_VERIFY_TOKEN', 'WHATSAPP_ACCESS_TOKEN']) {
    const given = Object.entries(ours).flatMap(([name, { environment }]) =>
      secret in environment ? [[name, environment[secret]]] : [],
    )
    expect(Object.fromEntries(given)).toEqual({
      gateway: `\${${secret}:-}`,
      simulator: `\${${secret}:+given}`,
    })
  }
})

test('no secret is written down: what is not given is made, and read from a file', () => {
  const words = Object.values(ours).flatMap(({ environment }) => Object.entries(environment))
  const secrets = words.filter(([variable]) => /SECRET|TOKEN|_KEY/.test(variable))
  expect(secrets.length).toBeGreaterThan(8)
  expect(
    secrets.filter(
      ([variable, value]) =>
        !['', `\${${variable}:-}`, `\${${variable}:+given}`].includes(String(value)) &&
        !String(value).startsWith('/keys/'),
    ),
  ).toEqual([])
})

test('what stands in for WhatsApp and for your provider of identities are profiles, which are on as long as nothing else is said', () => {
  expect(Object.entries(containers).filter(([, { profiles }]) => profiles !== undefined)).toEqual([
    ['simulator', expect.objectContaining({ profiles: ['simulator'] })],
    ['identity', expect.objectContaining({ profiles: ['identity'] })],
  ])
  expect(read('.env')).toMatch(/^COMPOSE_PROFILES=simulator,identity$/m)
  expect(read('.gitignore')).toMatch(/^\.env\.\*$/m)
})

test('nobody inside a container can change its program or become more than its user', () => {
  for (const [name, container] of Object.entries(containers)) {
    expect(container.cap_drop).toEqual(['ALL'])
    expect(container.security_opt).toEqual(['no-new-privileges:true'])
    expect(container.read_only ?? false).toBe(container !== kafka && container !== mongo)
    expect('cap_add' in container).toBe(name === 'mongo')
    expect(Object.keys(container)).not.toContain('privileged')
  }
})

test('a desk that is gone without a word is given up before the grace of its person would be over, by the kernel of its container alone', () => {
  const tuned = Object.entries(containers).filter(([, { sysctls }]) => sysctls !== undefined)
  expect(tuned.map(([name]) => name)).toEqual(['agent'])
  const retries = containers['agent']?.sysctls?.['net.ipv4.tcp_retries2'] ?? 15
  // The kernel doubles what it waits, from 200 ms to two minutes: https://docs.kernel.org/networking/ip-sysctl.html
  const waitsMs = Array.from({ length: retries + 1 }, (_, round) => Math.min(200 * 2 ** round, 120_000))
  const givenUpAfterMs = waitsMs.reduce((sum, waitMs) => sum + waitMs, 0)
  const { grace_seconds: grace } = parse(read('config/workforce.yaml')) as { grace_seconds: number }
  expect(givenUpAfterMs).toBeLessThan(grace * 1_000)
  // A desk begins its line anew after 15 s of silence: one that comes back sooner than that finds it as it was.
  expect(givenUpAfterMs).toBeGreaterThan(15_000)
})

test('the image has no tools to fetch or build with, from a base that an argument pins, and verifies what it fetches', () => {
  const [, last = ''] = /[\s\S]*(\nFROM [\s\S]*)/.exec(dockerfile) ?? []
  for (const tool of [
    '/usr/local/lib/node_modules',
    '/usr/local/bin/npm',
    '/usr/local/bin/corepack',
    '/opt/yarn*',
  ])
    expect(last).toContain(tool)
  expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base)).toEqual([
    '${NODE_IMAGE}',
    'node',
    'build',
    'node',
  ])
  expect([...dockerfile.matchAll(/https?:/g)]).toHaveLength(1)
  expect(dockerfile).toMatch(/node verified\.mjs \\\n\s+"https:/)
  const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string }
  for (const architecture of ['x64', 'arm64'])
    expect(read('infra/images/verified.mjs')).toContain(
      `'exe.linux-${architecture}-${packageManager.split('@')[1]}.tgz'`,
    )
})

test('each image that is not built here has its digest, and by that file none is named by its tag alone', () => {
  const digests = settingsIn('infra/images/digests.env')
  const named = new Map(
    [...compose.matchAll(/(?:image: |NODE_IMAGE: ')\$\{(\w+):-([^}]+)\}/g)].map(
      ([, variable = '', tag = '']) => [variable, tag],
    ),
  )
  expect(new Set(digests.keys())).toEqual(new Set(named.keys()))
  // Another version of the same perhaps, of which a digest is known.
  for (const [variable, tag] of named) {
    const [, image, version] = /^(.+):(\d+)[^:]*$/.exec(tag) ?? []
    expect(digests.get(variable)).toMatch(new RegExp(`^${image}:${version}\\D.*@sha256:[0-9a-f]{64}$`))
  }
  const ofTheFile = (text: string) =>
    text.replaceAll(/\$\{(\w+)[^}]*\}/g, (_, name: string) => digests.get(name) ?? '')
  const images = Object.values(containers).map(({ image }) => ofTheFile(image))
  const built = 'parley:local'
  expect(containers['topics']).toMatchObject({
    image: built,
    build: { args: { NODE_IMAGE: expect.any(String) } },
  })
  expect(images.filter((image) => image !== built && !image.includes('@sha256:'))).toEqual([])
  // Of what is built, all stages begin with that one argument, and nothing is copied from an image besides.
  const stages = new Set([...dockerfile.matchAll(/ AS (\w+)$/gm)].map(([, stage]) => stage))
  const others = [...dockerfile.matchAll(/(?:^FROM |--from=)(\S+)/gm)].map(([, from]) => from)
  expect(new Set(others.filter((from) => !stages.has(from)))).toEqual(new Set(['${NODE_IMAGE}']))
  expect(dockerfile).toContain(`ARG NODE_IMAGE=${named.get('PARLEY_NODE_IMAGE')}\n`)
})

test('Kafka has the settings that npm start gives it, but for where it listens', () => {
  const settings = Object.entries(kafkaContainerEnvironment(9092)).filter(
    ([name]) => !/LISTENER|QUORUM_VOTERS/.test(name),
  )
  const given = Object.fromEntries(
    Object.entries(kafka.environment).map(([name, value]) => [name, String(value)]),
  )
  expect(given).toMatchObject(Object.fromEntries(settings))
})

test('.env.example names every setting of Compose, each empty or with the default that Compose has', () => {
  const example = settingsIn('.env.example')
  const settings = compose.replace(/^secrets:[\s\S]*/m, '')
  const names = new Set([...settings.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))
  expect(new Set([...names, 'COMPOSE_PROFILES'])).toEqual(new Set(example.keys()))
  const other = [...settings.matchAll(/\$\{(\w+):-([^${}]*)\}/g)].filter(
    ([, name = '', value]) => !['', value].includes(example.get(name)),
  )
  expect(other.map(([setting]) => setting)).toEqual([])
})

const lastOf = (instruction: string): string =>
  [...dockerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].at(-1)?.[1] ?? ''

test('a service has a name of its own in its consumer groups: that of its container, unless one was given', () => {
  const [file = '', ...args] = JSON.parse(lastOf('ENTRYPOINT')) as string[]
  const instance = (env: NodeJS.ProcessEnv) =>
    execFileSync(file, [...args, 'printenv', 'PARLEY_INSTANCE'], { env: { ...process.env, ...env } })
      .toString()
      .trim()
  expect(instance({ PARLEY_INSTANCE: '' })).toBe(hostname())
  expect(instance({ PARLEY_INSTANCE: 'gateway-7' })).toBe('gateway-7')
  // Replicas of a service share all that is written here.
  for (const container of Object.values(ours)) {
    expect(Object.keys(container)).not.toContain('hostname')
    expect(Object.keys(container)).not.toContain('entrypoint')
    expect(Object.keys(container.environment)).not.toContain('PARLEY_INSTANCE')
  }
})

test('Node runs as npm start runs it: its flags, its memory, and code that was compiled before by the same user', () => {
  const environment = Object.fromEntries(
    [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, words = '']) =>
      [...words.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
    ),
  ) as Record<string, string>
  expect(environment['NODE_OPTIONS']).toBe(NODE_FLAGS.join(' '))
  expect(environment).toMatchObject(nodeEnvironment({ NODE_COMPILE_CACHE: '/home/node/compiled' }))
  const compiling = dockerfile.slice(dockerfile.lastIndexOf('USER node'))
  const compiled = /for \(const name of (\[.*?\])\) await import\(`(.*?)`\)/.exec(compiling)
  expect(JSON.parse(compiled?.[1] ?? '[]')).toEqual([...SERVICES])
  for (const name of SERVICES)
    expect(existsSync(join(REPOSITORY, (compiled?.[2] ?? '').replace('${name}', name)))).toBe(true)
})

test('each server answers to the name of its container, and to those of this machine', () => {
  const servers = ['gateway', 'agent', 'archive', 'simulator'].map((name) => [name, 'HOSTS'] as const)
  const probes = SERVICES.map((name) => [name, 'PROBE_HOSTS'] as const)
  for (const [name, word] of [...servers, ...probes]) {
    const hosts = containers[name]?.environment[`${name.toUpperCase()}_${word}`]
    const byDefault = /^\$\{\w+:-(.*)\}$/.exec(String(hosts))?.[1] ?? String(hosts)
    expect(byDefault.split(',')).toEqual([...ownHosts, name])
  }
})

test('no service runs as root', () => {
  expect(lastOf('USER')).toBe('node')
  expect(Object.values(containers).filter((container) => 'user' in container)).toEqual([])
})
