import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { operatedCompany, operatedStores } from './operated.ts'

/** A stack whose services read a folder of their own, and another folder with another company. */
async function stackWithItsFolder() {
  const root = await mkdtemp(join(tmpdir(), 'operated-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const folder = async (name: string, timeZone: string) => {
    const directory = join(root, name)
    await mkdir(directory)
    await writeFile(join(directory, 'company.yaml'), `timezone: ${timeZone}\n`)
    return directory
  }
  const data = join(root, 'data')
  await mkdir(data)
  const stack = {
    kafkaBrokers: ['127.0.0.1:1'],
    mongoUri: 'mongodb://127.0.0.1:1',
    namespace: 'parley',
    partitions: 3,
    configDirectory: await folder('of-the-stack', 'Asia/Dhaka'),
  }
  await writeFile(join(data, 'stack.json'), JSON.stringify(stack))
  await writeFile(join(data, 'operator.json'), JSON.stringify({ grpc: {}, grpcMetadata: {} }))
  return { data, other: await folder('other', 'America/Manaus') }
}

test('the company is that of the stack, wherever the command runs, unless the environment names a folder or other stores', async () => {
  const { data, other } = await stackWithItsFolder()
  const timeZoneOf = async (env: NodeJS.ProcessEnv) =>
    (await operatedCompany({ PARLEY_DATA_DIR: data, ...env })).timeZone
  expect(await timeZoneOf({})).toBe('Asia/Dhaka')
  expect(await timeZoneOf({ PARLEY_CONFIG_DIR: other })).toBe('America/Manaus')
  expect(await timeZoneOf({ PARLEY_CONFIG_DIR: other, MONGODB_URI: 'mongodb://127.0.0.1:2' })).toBe(
    'America/Manaus',
  )
  expect(await timeZoneOf({ MONGODB_URI: 'mongodb://127.0.0.1:2' })).not.toBe('Asia/Dhaka')
})

test('whoever operates a stack counts its partitions: another would find its streams elsewhere in the log', async () => {
  const { data } = await stackWithItsFolder()
  const counted = async (env: NodeJS.ProcessEnv) => (await operatedStores(env)).kafka.partitions
  expect(await counted({ PARLEY_DATA_DIR: data, PARLEY_PARTITIONS: '24' })).toBe(3)
  const named = { KAFKA_BROKERS: '127.0.0.1:1', MONGODB_URI: 'mongodb://127.0.0.1:1' }
  expect(await counted({ ...named, PARLEY_PARTITIONS: '5' })).toBe(5)
  expect(await counted(named)).toBe(12)
  await expect(counted({ ...named, PARLEY_PARTITIONS: 'many' })).rejects.toThrow(/PARLEY_PARTITIONS/)
})

test.each(['', 'null', '{}', '{ "grpc": {}, "kafkaBrokers": ["127'])(
  'a file of the stack that holds %j is named, with how it is made anew',
  async (text) => {
    const { data } = await stackWithItsFolder()
    await writeFile(join(data, 'stack.json'), text)
    await expect(operatedStores({ PARLEY_DATA_DIR: data })).rejects.toMatchObject({
      code: 'STACK_FILE_UNREADABLE',
      message: expect.stringMatching(/stack\.json does not hold .* `npm start`/) as string,
    })
  },
)
