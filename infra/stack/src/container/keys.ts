// Makes, once, what each container of docker-compose.yml shows and keeps secret: a folder for each, which no other container sees.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CALLERS } from '@parley/service'
import writeFileAtomic from 'write-file-atomic'
import { simulatedSecrets } from '../secrets.ts'
import { certificates, endsSoon } from './certificates.ts'

const [folder = '/made'] = process.argv.slice(2)
/** Whole or not at all: half a file, as of a kill or a full disk, would count as made from then on, and nothing would start. */
const write = (name: string, file: string, content: string) =>
  writeFileAtomic(join(folder, name, file), content, { mode: 0o600 })

const isMissing = async (name: string): Promise<boolean> => {
  const file = join(folder, name, 'cert.pem')
  return !existsSync(file) || endsSoon(await readFile(file, 'utf8'))
}
const holders = CALLERS.filter((name) => existsSync(join(folder, name)))

// The key of the authority is never written: who wants one more certificate makes all of them anew.
if ((await Promise.all(holders.map(isMissing))).includes(true)) {
  const { authority, of } = await certificates()
  for (const name of holders) {
    const { certificate, key } = await of(name)
    await write(name, 'ca.pem', authority)
    await write(name, 'key.pem', key)
    await write(name, 'cert.pem', certificate)
  }
}

if (!existsSync(join(folder, 'simulator', 'access-token'))) {
  const { appSecret, verifyToken, accessToken } = simulatedSecrets()
  for (const name of ['gateway', 'simulator']) {
    await write(name, 'app-secret', appSecret)
    await write(name, 'verify-token', verifyToken)
    await write(name, 'access-token', accessToken)
  }
}
if (!existsSync(join(folder, 'archive', 'link-secret')))
  await write('archive', 'link-secret', randomBytes(32).toString('base64url'))
if (!existsSync(join(folder, 'identity', 'password-secret'))) {
  const clientSecret = randomBytes(32).toString('base64url')
  for (const name of ['agent', 'identity']) await write(name, 'oidc-client-secret', clientSecret)
  await write('identity', 'password-secret', randomBytes(32).toString('base64url'))
}
process.stdout.write('keys and certificates are there\n')
