import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GRPC_ACCESS } from '@parley/service'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

const declared = globSync('proto/parley/**/*.proto', { cwd: REPOSITORY }).flatMap((file) => {
  const text = read(file)
  const [, packageName = ''] = /^package (\S+);/m.exec(text) ?? []
  return [...text.matchAll(/^service (\w+) \{([\s\S]*?)^\}/gm)].flatMap(([, service = '', body = '']) =>
    [...body.matchAll(/^\s*rpc (\w+)\(/gm)].map(([, method = '']) => `${packageName}.${service}/${method}`),
  )
})

const listed = Object.entries(GRPC_ACCESS).flatMap(([service, methods]) =>
  Object.entries(methods).map(([method, callers]) => {
    const of = (standing: string): string =>
      Object.entries(callers)
        .filter(([, is]) => is === standing)
        .map(([caller]) => caller)
        .toSorted()
        .join(', ')
    return { method: `${service}/${method}`, itself: of('itself'), person: of('for a person') }
  }),
)

test('the list of who may call what names every method of proto/, and no other', () => {
  expect(declared.length).toBeGreaterThan(10)
  expect(listed.map(({ method }) => method).toSorted()).toEqual(declared.toSorted())
})

test('the page shows the list as it is', () => {
  const rows = [...read('docs/reference/grpc-access.md').matchAll(/^\| `(parley\.\S+)` \|(.*)\|(.*)\|$/gm)]
  const shown = rows.map(([, method, itself = '', person = '']) => ({
    method,
    itself: itself.trim(),
    person: person.trim(),
  }))
  const byMethod = (a: { method?: string | undefined }, b: { method?: string | undefined }) =>
    String(a.method).localeCompare(String(b.method))
  expect(shown.toSorted(byMethod)).toEqual(listed.toSorted(byMethod))
})
