export interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly resolution: Readonly<Record<string, unknown>> }>>
}
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
export interface Workspace {
  readonly catalog: Readonly<Record<string, string>>
  readonly allowBuilds: Readonly<Record<string, boolean>>
}

const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/
/** Fetches the Node 24 binary, which is in a package of the registry too. */
const MAY_RUN_SCRIPTS = ['node']
/** Those that ask for no more than to be named, and MPL-2.0, whose files we do not change. */
const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
])

/** Shared libraries under the LGPL that we use as they come, each a package of its own that whoever runs Parley may replace. */
const LIBRARIES: Readonly<Record<string, RegExp>> = { 'LGPL-3.0-or-later': /^@img\/sharp-libvips-/ }

/** `node@24.21.0(peer@1)` → `node` */
const nameIn = (entry: string): string => entry.slice(0, entry.indexOf('@', 1))

/** What comes from elsewhere than a registry, or may be other bytes tomorrow. */
export const unlocked = ({ packages }: Lockfile): string[] =>
  Object.entries(packages)
    .filter(([, { resolution }]) => {
      const { integrity, ...others } = resolution
      return !String(integrity).startsWith('sha512-') || Object.keys(others).length > 0
    })
    .map(
      ([entry]) =>
        `${entry}: pnpm-lock.yaml has no sha512 of it, or takes it from elsewhere than the registry`,
    )

export const unpinned = (manifests: Readonly<Record<string, Manifest>>, { catalog }: Workspace): string[] => [
  ...Object.entries(catalog)
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) => `pnpm-workspace.yaml: ${name} is ${version}, not one version`),
  ...Object.entries(manifests).flatMap(([file, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => version !== 'catalog:' && version !== 'workspace:*' && !EXACT.test(version))
      .map(([name, version]) => `${file}: ${name} is ${version}: use catalog:, workspace:* or one version`),
  ),
]

export const scripted = ({ allowBuilds }: Workspace, { packages }: Lockfile): string[] => {
  const installed = new Set(Object.keys(packages).map(nameIn))
  return [
    ...Object.entries(allowBuilds)
      .filter(([name, runs]) => runs && !MAY_RUN_SCRIPTS.includes(name))
      .map(([name]) => `pnpm-workspace.yaml: ${name} would run its install script`),
    ...Object.keys(allowBuilds)
      .filter((name) => !installed.has(name))
      .map((name) => `pnpm-workspace.yaml: allowBuilds names ${name}, which is not installed`),
  ]
}

/** @param licences SPDX expression of each installed package, by name and version */
export const unlicensed = (licences: Readonly<Record<string, string>>): string[] =>
  Object.entries(licences)
    .filter(([name, licence]) => {
      const either = licence.replaceAll(/[()]/g, '').split(' OR ')
      const isGood = (one: string) => LICENCES.has(one) || LIBRARIES[one]?.test(name) === true
      return !either.some((all) => all.split(' AND ').every(isGood))
    })
    .map(([name, licence]) => `${name}: its licence is ${licence || 'not said'}`)
