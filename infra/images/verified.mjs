// Fetches pnpm's program, in the version of package.json, and hands it on only when its bytes are the ones that were looked at.
import { createHash } from 'node:crypto'

/** By file name; as the registry and pnpm-lock.yaml write it. A new version of pnpm needs new ones: `npm view @pnpm/exe.linux-x64@VERSION dist.integrity`. */
const INTEGRITY = {
  'exe.linux-x64-12.21.0.tgz':
    'sha512-8eufCjHXspKbNS/kh8q4Q0gqJoOuvC4Q5pgos6XS8By/nAMtP+jf8F1Cw9er840kfAX+PJ/ts+A9qnLE91rvXQ==',
  'exe.linux-arm64-12.21.0.tgz':
    'sha512-4Oj/iF2TDCe2lcH0n4TupPR5sSdrNLclJB6xBElLMPCUOAvBhdf2rRlSaO5M4erJ6g4Fyy7YTXTpcmfFsKyxEA==',
}

const url = process.argv[2] ?? ''
const name = url.slice(url.lastIndexOf('/') + 1)
const bytes = await (await fetch(url)).bytes()
const found = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
if (!Object.hasOwn(INTEGRITY, name) || INTEGRITY[name] !== found) {
  process.stderr.write(
    `${name} is not what was looked at (TARBALL_UNVERIFIED): it has ${found}. Compare it with what the registry says, and write it into infra/images/verified.mjs.\n`,
  )
  process.exit(1)
}
process.stdout.write(bytes)
