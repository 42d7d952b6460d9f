import { expect, test } from 'vitest'
import { scripted, unlicensed, unlocked, unpinned } from './rules.ts'

const integrity = 'sha512-AAAA'
const workspace = { catalog: { zod: '4.6.7' }, allowBuilds: { node: true, ssh2: false } }
const lockfile = {
  packages: { 'node@24.21.0': { resolution: { integrity } }, 'ssh2@1.17.0': { resolution: { integrity } } },
}

test('what stands in the lockfile with its digest, pinned and without scripts, is well', () => {
  expect(unlocked(lockfile)).toEqual([])
  expect(
    unpinned(
      {
        'package.json': {
          dependencies: { zod: 'catalog:', '@parley/kernel': 'workspace:*', knip: '6.44.2' },
        },
      },
      workspace,
    ),
  ).toEqual([])
  expect(scripted(workspace, lockfile)).toEqual([])
  expect(unlicensed({ a: 'MIT', b: '(GPL-3.0 OR Apache-2.0)', c: 'MIT AND ISC' })).toEqual([])
})

test('a library under the LGPL passes as the package that it is, and as no other', () => {
  expect(unlicensed({ '@img/sharp-libvips-linux-x64@1.3.4': 'LGPL-3.0-or-later' })).toEqual([])
  expect(unlicensed({ 'sharp@1.0.0': 'LGPL-3.0-or-later' })).toHaveLength(1)
})

test.each([
  ['no digest', {}],
  ['a weak digest', { integrity: 'sha1-AAAA' }],
  ['a git repository', { integrity, repo: 'https://example.com/x.git', type: 'git' }],
  ['an address', { integrity, tarball: 'https://example.com/x.tgz' }],
])('a package with %s is found', (_, resolution) => {
  expect(unlocked({ packages: { 'evil@1.0.0': { resolution } } })).toHaveLength(1)
})

test.each(['^1.0.0', '~1.0.0', '*', 'latest', '>=1.0.0', 'git+https://example.com/x.git', 'npm:other@1.0.0'])(
  'a dependency on %s is found',
  (version) => {
    expect(unpinned({ 'package.json': { devDependencies: { x: version } } }, workspace)).toHaveLength(1)
    expect(unpinned({}, { ...workspace, catalog: { x: version } })).toHaveLength(1)
  },
)

test('a package that would run its install script is found, and one that is long gone', () => {
  expect(scripted({ ...workspace, allowBuilds: { ssh2: true } }, lockfile)).toHaveLength(1)
  expect(scripted({ ...workspace, allowBuilds: { gone: false } }, lockfile)).toHaveLength(1)
})

test.each(['GPL-3.0', '', 'SEE LICENSE IN LICENSE', 'MIT AND GPL-3.0', 'UNLICENSED'])(
  'the licence "%s" is found',
  (licence) => {
    expect(unlicensed({ x: licence })).toHaveLength(1)
  },
)
